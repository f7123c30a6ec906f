// Keys of the call page: j and k go through the messages, n and p through the
// calls of the search, Escape closes the message, then leads back.
import { useRouter } from '../shell/Router.jsx';
import { useKeys } from '../shell/Keys.jsx';
import { callHref } from '../core/router.js';
import { neighbours, rememberedResult } from '../core/result.js';
import { filterOf, ladderItems, neighbour } from './ladder_layout.js';

/* The message that the address names, null where there is none of it. */
export function chosenMessage(call, query) {
	const index = /^\d+$/.test(query.m ?? '') ? Number(query.m) : -1;

	return call.messages[index] ? index : null;
}

export function useCallKeys({ call, uid, query, setQuery }) {
	const { navigate } = useRouter();
	const chosen = chosenMessage(call, query);

	function step(by) {
		const { items } = ladderItems(call, { filter: filterOf(query), open: new Set() });
		const next = neighbour(items, chosen, by);

		if (next === null)
			return false;
		setQuery({ m: next, tab: 'messages' }, { replace: true });
		return true;
	}
	function go(which) {
		const to = neighbours(rememberedResult(), uid)?.[which];

		if (!to)
			return false;
		navigate(callHref(to), { replace: true });
		return true;
	}
	function close() {
		if (chosen === null)
			return false;
		setQuery({ m: null, tab: null }, { replace: true });
		return true;
	}
	useKeys({
		j: () => step(1), k: () => step(-1),
		n: () => go('after'), p: () => go('before'),
		Escape: close,
	});
}
