// Keys of the call page: j and k go through the messages, n and p through the
// calls of the search, Escape closes the message, then leads back.
import { useRouter } from '../shell/Router.jsx';
import { useKeys } from '../shell/Keys.jsx';
import { callHref } from '../core/router.js';
import { neighbours, rememberedResult } from '../core/result.js';
import { filterOf, ladderItems, neighbour } from './ladder_layout.js';

/* The message that the address names, null where there is none of it. rows: of
 * messageRows(). */
export function chosenMessage(rows, query) {
	const index = /^\d+$/.test(query.m ?? '') ? Number(query.m) : -1;

	return rows[index] ? index : null;
}

/* What the list of messages shows: those of SIP, which the record has; those of
 * the web, which only the recording has. */
export function messageRows(call, texts) {
	return call.messages.length > 0 ? call.messages : texts ?? [];
}

export function useCallKeys({ call, uid, rows, query, setQuery }) {
	const { navigate } = useRouter();
	const chosen = chosenMessage(rows, query);

	function step(by) {
		const next = call.messages.length > 0 ? nextDrawn(by) :
			neighbour(rows.map((r, index) => ({ kind: 'message', index })), chosen, by);

		if (next === null)
			return false;
		setQuery({ m: next, tab: 'messages' }, { replace: true });
		return true;
	}
	function nextDrawn(by) {
		const { items } = ladderItems(call, { filter: filterOf(query), open: new Set() });
		return neighbour(items, chosen, by);
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
