// Fetches a call's sound: first what the server says about it, then the sound
// itself, once: for the ear as a blob, for the eye as peaks.
import { ApiError, apiUrl, errorOf, getJson } from '../core/api.js';
import { peakReader } from './wav_peaks.js';

const POINTS = 4000;

function pathOf(uid, what) {
	return `/calls/${encodeURIComponent(uid)}/${what}`;
}

/* The shape of the sound before it is there, and why a side is silent. Throws
 * the server's sentence when there is nothing to hear. */
async function outline(uid, signal) {
	const told = await getJson(pathOf(uid, 'peaks'), { points: POINTS }, signal);

	if (!told.available)
		throw new ApiError(200, 'silent', sentence(told.why ??
			'There is nothing to hear.'));
	return {
		url: null, start: told.start, seconds: told.duration_ms / 1000,
		silent: { a: told.left_why, b: told.right_why },
		part_s: told.duration_ms / 1000 / Math.max(1, told.left.length),
		peaks: [told.left, told.right].map((list) => list.map((v) => [-v, v])),
	};
}

function sentence(text) {
	return text[0].toUpperCase() + text.slice(1) + (/[.!]$/.test(text) ? '' : '.');
}

async function samples(uid, signal, onBytes) {
	const answer = await fetch(apiUrl(pathOf(uid, 'wav'), { listen: 1 }),
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
		...peaks.result(),
		url: URL.createObjectURL(new Blob(parts, { type: 'audio/wav' })),
	};
}

/*
 * Tells onOutline(sound) of the outline, then answers the sound: { url, start
 * (RFC 3339 | null), seconds, silent: {a, b}, part_s, peaks }. The caller
 * revokes the url. onBytes(read, all | null) tells how far it is.
 */
export async function loadSound(uid, { signal, onOutline, onBytes }) {
	const first = await outline(uid, signal);

	onOutline(first);
	return { ...first, ...await samples(uid, signal, onBytes) };
}
