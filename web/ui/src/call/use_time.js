/* The shared time axis inside of components. */
import { useEffect, useState } from 'preact/hooks';

/* Draws again when one of the named parts ('range', 'cursor', 'evidence',
 * 'full') changes; returns the state. */
export function useTime(time, ...parts) {
	const [state, setState] = useState(time.get());

	useEffect(() => {
		setState(time.get());
		return time.subscribe((now, changed) => {
			if (parts.some((part) => changed[part]))
				setState(now);
		});
	}, [time, parts.join()]);
	return state;
}
