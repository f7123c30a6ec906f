// What the API says, for a component.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { apiUrl, getJson } from '../core/api.js';

/* { data, error, loading, slow, again } of a GET. A path of null asks nothing.
 * `data` of before stays while the next is on its way, unless `fresh`. `slow`
 * is true when it takes longer than 150 ms: time for a skeleton. */
export function useGet(path, params = {}, { fresh = false } = {}) {
	const [state, setState] = useState({ data: null, error: null, loading: true });
	const [tries, setTries] = useState(0);
	const url = path === null ? null : apiUrl(path, params);

	useEffect(() => {
		const stop = new AbortController();

		if (url === null) {
			setState({ data: null, error: null, loading: false });
			return undefined;
		}
		setState((s) => ({ data: fresh ? null : s.data, error: null, loading: true }));
		getJson(path, params, stop.signal).then(
			(data) => setState({ data, error: null, loading: false }),
			(error) => error.name === 'AbortError' ||
				setState({ data: null, error, loading: false }));
		return () => stop.abort();
	}, [url, tries]);

	const again = useCallback(() => setTries((n) => n + 1), []);

	return { ...state, slow: useSlow(state.loading), again };
}

/* True while something lasts for more than 150 ms. */
export function useSlow(busy, after = 150) {
	const [slow, setSlow] = useState(false);
	const timer = useRef(0);

	useEffect(() => {
		setSlow(false);
		if (busy)
			timer.current = setTimeout(() => setSlow(true), after);
		return () => clearTimeout(timer.current);
	}, [busy]);
	return busy && slow;
}
