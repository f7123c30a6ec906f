// The record of a sample: found in the store by when it began, as golden files
// say; uids differ from theirs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const golden = join(process.env.CALLSCOPE_SRC, 'tests/golden');

function firstOf(sample) {
	return readFileSync(join(golden, `${sample}.jsonl`), 'utf8').split('\n')
		.filter(Boolean).map((line) => JSON.parse(line))
		.find((r) => r.type === 'call' || r.type === 'session');
}

/* The API's record of the first call or session of a sample; somebody must be
 * logged in. */
export async function recordOf(t, sample) {
	const { start } = firstOf(sample);
	const at = Date.parse(start);
	const zone = (ms) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
	const { calls } = await t.api(`/calls?limit=1000&from=${zone(at - 1000)}` +
		`&to=${zone(at + 2000)}`);
	const row = calls.find((c) => c.start === start);

	t.ok(row, `${sample} is in the store`);
	return t.api(`/calls/${row.uid}`);
}

/* Opens the call page of a sample at a tab; returns its record. */
export async function openSample(t, sample, query = '', role = 'analyst') {
	await t.login(role);
	const record = await recordOf(t, sample);

	await t.goto(`/call/${record.uid}${query}`);
	return record;
}
