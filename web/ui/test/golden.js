// Records of the samples, as the program writes them: tests/golden.
import { readFileSync, readdirSync } from 'node:fs';

const folder = new URL('../../../tests/golden/', import.meta.url);

/* Calls and sessions of a sample. */
export function records(name) {
	return readFileSync(new URL(`${name}.jsonl`, folder), 'utf8')
		.split('\n').filter(Boolean).map((line) => JSON.parse(line))
		.filter((r) => r.type === 'call' || r.type === 'session');
}

/* [name, record] of all samples that have one with `wanted`. */
export function samplesWith(wanted) {
	return readdirSync(folder).filter((f) => f.endsWith('.jsonl')).sort()
		.map((f) => f.replace('.jsonl', ''))
		.flatMap((name) => records(name).filter(wanted).map((r) => [name, r]));
}

export const recorded = (call) => ({ ...call, pcap: 'spool/x.pcap' });
export const analyst = { role: 'analyst', audio: true };
export const viewer = { role: 'viewer', audio: false };

/* A timeline of one stream of 20 steps, to be changed by tests. */
export function timelineOf(streams, more = {}) {
	return {
		source: 'packets', why: null, step_ms: 1000, rtcp: [], checks: [], dtls: [],
		truncated: false, streams, ...more,
	};
}
