/* The timeline of a call, asked for once however many panels want it. */
import { useEffect, useState } from 'preact/hooks';
import { getJson } from '../core/api.js';
import { useSlow } from '../components/useGet.js';
import { sinceCall } from './panels.js';

const KEPT = 4;
const answers = new Map();

function ask(uid, startMs) {
	if (!answers.has(uid)) {
		const answer = getJson(`/calls/${encodeURIComponent(uid)}/timeline`)
			.then((timeline) => sinceCall(timeline, startMs));

		answer.catch(() => answers.delete(uid));
		answers.set(uid, answer);
		if (answers.size > KEPT)
			answers.delete(answers.keys().next().value);
	}
	return answers.get(uid);
}

/* { data, error, slow, again }; data null until it is there. Its moments count
 * from the call's start, startMs. */
export function useTimeline(uid, startMs) {
	const [state, setState] = useState({ data: null, error: null });
	const [tries, setTries] = useState(0);

	useEffect(() => {
		let wanted = true;

		setState({ data: null, error: null });
		ask(uid, startMs).then(
			(data) => wanted && setState({ data, error: null }),
			(error) => wanted && setState({ data: null, error }));
		return () => {
			wanted = false;
		};
	}, [uid, tries]);
	return {
		...state, slow: useSlow(!state.data && !state.error),
		again: () => setTries((n) => n + 1),
	};
}
