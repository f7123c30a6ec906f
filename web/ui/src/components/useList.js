// What a search finds, page by page. What was loaded is kept for a while, so
// that Back shows the same rows at the same place.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { apiUrl, getJson } from '../core/api.js';
import { goesOn, joined, nothing } from '../core/found.js';
import { useSlow } from './useGet.js';

const FIRST = 100;
const MORE = 300;
const KEPT = 8;

const kept = new Map();

function keep(key, found) {
	kept.delete(key);
	kept.set(key, found);
	if (kept.size > KEPT)
		kept.delete(kept.keys().next().value);
}

/* Of a path, "/calls", the list `field` of its answers, with these params. What
 * was found so far (core/found.js), and `at`: the address it is of, `stale` while that is not yet the one asked for;
 * loading, slow, error; more(), again(); `where` the table was, and
 * place({ top, cursor }) to keep that for Back. */
export function useList(path, field, params) {
	const key = apiUrl(path, params);
	const [shown, setShown] = useState(() => ({ key, found: kept.get(key) ?? nothing }));
	const [state, setState] = useState({ loading: false, error: null });
	const now = useRef({});

	/* Asks until there is something, or it has been looked far enough. */
	const ask = useCallback(async (before, limit) => {
		const stop = new AbortController();
		let found = before;

		now.current.stop?.abort();
		now.current = { stop, asked: before };
		setState({ loading: true, error: null });
		try {
			do {
				found = joined(found, await getJson(path,
					{ ...params, limit, cursor: found.next }, stop.signal), field);
				keep(key, found);
				setShown({ key, found });
			} while (found.empty > 0 && goesOn(found));
			setState({ loading: false, error: null });
		} catch (error) {
			if (error.name === 'AbortError')
				return;
			now.current.asked = null;
			setState({ loading: false, error });
		}
	}, [key]);

	useEffect(() => {
		const before = kept.get(key);

		if (before) {
			setShown({ key, found: before });
			setState({ loading: false, error: null });
		} else {
			ask(nothing, FIRST);
		}
		return () => now.current.stop?.abort();
	}, [key]);

	const more = useCallback(() => {
		const found = kept.get(key);

		if (found && found.next !== null && now.current.asked !== found)
			ask(found, MORE);
	}, [ask]);
	const again = useCallback(() => ask(nothing, FIRST), [ask]);
	const place = useCallback((where) => {
		const found = kept.get(key);

		if (found)
			Object.assign(found.place, where);
	}, [key]);

	const { place: where, ...found } = shown.found;

	return {
		...found, ...state, where, at: shown.key, stale: shown.key !== key,
		slow: useSlow(state.loading), more, again, place,
	};
}
