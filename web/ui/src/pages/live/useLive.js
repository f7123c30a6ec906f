// The open calls for a component: what events told so far, drawn once a second.
import { useEffect, useState } from 'preact/hooks';
import { faded, nothing, told } from './model.js';
import { follow } from './events.js';

function clock() {
	return performance.now();
}

/* { state, lost, now }: lost is a sentence while there is no connection. */
export function useLive(limit) {
	const [state, setState] = useState(nothing);
	const [lost, setLost] = useState(null);
	const [now, setNow] = useState(clock);

	useEffect(() => {
		const tick = setInterval(() => setNow(clock()), 1000);
		const stop = follow(limit, {
			calls: (event, begins) => {
				setNow(clock());
				setState((s) => told(s, event, clock(), { begins }));
			},
			health: () => {},
			state: (what, why) => setLost(what === 'lost' ? why : null),
		});

		return () => {
			clearInterval(tick);
			stop();
		};
	}, [limit]);
	return { state, lost, now, fade: () => setState((s) => faded(s, clock())) };
}
