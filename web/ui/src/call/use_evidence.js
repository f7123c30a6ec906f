/* What a finding points at, for the panel that has it. */
import { useEffect, useRef } from 'preact/hooks';
import { useTime } from './use_time.js';

const told = new WeakSet();

/* The evidence, null when there is none with this field ("ice", "stream"). */
export function useEvidence(time, field) {
	const { evidence } = useTime(time, 'evidence');

	return evidence?.[field] === undefined ? null : evidence;
}

/* Calls fn once for each evidence with this field, however often the panel
 * comes and goes: what a user chooses afterwards stays chosen. */
export function useNewEvidence(time, field, fn) {
	const evidence = useEvidence(time, field);

	useEffect(() => {
		if (!evidence || told.has(evidence))
			return;
		told.add(evidence);
		fn(evidence);
	}, [evidence]);
}

/* A ref for an element that comes into view while `pointed` is true. */
export function useInView(pointed) {
	const ref = useRef(null);

	useEffect(() => {
		if (pointed)
			ref.current?.scrollIntoView({ block: 'nearest' });
	}, [pointed]);
	return ref;
}
