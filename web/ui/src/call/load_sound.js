// Fetches a call's sound once: for the ear as a blob, for the eye as peaks.
import { apiUrl, errorOf } from '../core/api.js';
import { peakReader } from './wav_peaks.js';

/* { url, start (RFC 3339 | null), rate, seconds, part_s, peaks }; the caller
 * revokes the url. onBytes(read, all | null) tells how far it is. Throws what
 * the server says, or why it cannot be read. */
export async function loadSound(uid, { signal, onBytes }) {
	const answer = await fetch(apiUrl(`/calls/${encodeURIComponent(uid)}/wav`),
		{ signal, credentials: 'same-origin' });

	if (!answer.ok)
		throw await errorOf(answer);
	const all = Number(answer.headers.get('Content-Length')) || null;
	const reader = answer.body.getReader();
	const peaks = peakReader();
	const parts = [];
	let read = 0;

	for (;;) {
		const { done, value } = await reader.read();

		if (done)
			break;
		peaks.push(value);
		parts.push(value);
		read += value.length;
		onBytes(read, all);
	}
	return {
		...peaks.result(), start: answer.headers.get('X-Callscope-Start'),
		url: URL.createObjectURL(new Blob(parts, { type: 'audio/wav' })),
	};
}
