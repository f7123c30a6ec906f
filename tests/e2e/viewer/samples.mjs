// The samples' records in the store of the harness.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const src = process.env.CALLSCOPE_SRC;

/* A call or session of a sample as tests/golden has it. */
export function golden(name, which = 0) {
	return readFileSync(join(src, 'tests/golden', `${name}.jsonl`), 'utf8').split('\n')
		.filter(Boolean).map((line) => JSON.parse(line))
		.filter((r) => r.type === 'call' || r.type === 'session')[which];
}

/* The uid under which it is stored here: another sensor, so another uid. */
export async function uidOf(t, name, which = 0) {
	const { start, type, call_id: id } = golden(name, which);
	const { calls } = await t.api('/calls?limit=1000');
	const found = calls.find((c) => c.start === start && c.type === type &&
		(c.call_id ?? null) === id);

	t.ok(found, `${name} is in the store`);
	return found.uid;
}

/* Opens a call's page, with what the address may hold besides. */
export async function openCall(t, name, query = '', which = 0) {
	const uid = await uidOf(t, name, which);

	await t.goto(`/call/${uid}${query}`);
	await t.page.waitForSelector('.call-head .headline');
	return uid;
}

/* A record that is in no sample, for the browser alone: the API's answers about
 * its uid are made here. texts: of its messages. */
export async function madeCall(t, record, texts = []) {
	const base = `**/api/v1/calls/${record.uid}`;
	const json = (body) => ({ contentType: 'application/json', body: JSON.stringify(body) });

	await t.page.route(base, (r) => r.fulfill(json(record)));
	await t.page.route(`${base}/messages`, (r) => r.fulfill(json({
		messages: record.messages.map((m, n) => ({ n, ...m, text: texts[n] ?? null,
			sdp: false })),
		text: texts.length > 0 ? 'whole' : 'none', why: null,
	})));
	await t.page.route(`${base}/timeline`, (r) => r.fulfill(json({
		source: 'none', why: null, start: record.start, end: record.end, step_ms: 1000,
		streams: [], rtcp: [], checks: [], dtls: [], truncated: false,
	})));
}

/* The API's record of a sample. */
export async function recordOf(t, name) {
	return t.api(`/calls/${await uidOf(t, name)}`);
}

/* Logs in and opens a sample's call page; returns its record. */
export async function openSample(t, name, query = '', role = 'analyst') {
	await t.login(role);
	return t.api(`/calls/${await openCall(t, name, query)}`);
}
