// GET /health now and then, while somebody can see it.
import { useEffect, useState } from 'preact/hooks';
import { getJson } from '../core/api.js';

const EVERY_MS = 3000;

/* { health, error }: the last answer stays while the server does not answer. */
export function useHealth() {
	const [state, setState] = useState({ health: null, error: null });

	useEffect(() => {
		const stop = new AbortController();
		let timer = 0;

		async function ask() {
			clearTimeout(timer);
			if (document.hidden)
				return;
			try {
				const health = await getJson('/health', {}, stop.signal);

				setState({ health, error: null });
			} catch (error) {
				if (error.name === 'AbortError')
					return;
				setState((s) => ({ ...s, error }));
			}
			timer = setTimeout(ask, EVERY_MS);
		}

		ask();
		document.addEventListener('visibilitychange', ask);
		return () => {
			stop.abort();
			clearTimeout(timer);
			document.removeEventListener('visibilitychange', ask);
		};
	}, []);
	return state;
}
