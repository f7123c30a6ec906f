// api.mjs BASE TOKEN NAME [PATH...]: asks for the examples that the API's
// description has for each path (or these paths alone), and holds the answers
// against it. Lines "PASS NAME ..." and "FAIL NAME ...: why".
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.env.CALLSCOPE_SRC, 'web/ui/package.json'));
const Ajv = require('ajv/dist/2020.js').default;
const [base, token, name, ...only] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${token}` };
const ajv = new Ajv({ strict: false, allErrors: false, validateFormats: false });
let failures = 0;

function result(what, why) {
	if (why)
		failures++;
	console.log(why ? `FAIL ${name}: ${what}: ${why}` : `PASS ${name}: ${what}`);
}

async function get(path, more = {}) {
	const answer = await fetch(base + path, { headers: { ...headers, ...more } });
	const body = new Uint8Array(await answer.arrayBuffer());

	return { status: answer.status, headers: answer.headers, body };
}

function typeOf(answer) {
	return (answer.headers.get('content-type') ?? '').split(';')[0];
}

function text(answer) {
	return new TextDecoder().decode(answer.body);
}

function follow(api, node) {
	if (!node || !node.$ref)
		return node;
	return node.$ref.split('/').slice(1).reduce((at, part) => at[part], api);
}

/* A validator for a schema of the description. */
function checker(api, schema) {
	return ajv.compile({ ...schema, components: api.components });
}

/* null, or what is wrong with an answer to that operation. */
function wrong(api, operation, answer) {
	const said = follow(api, operation.responses[String(answer.status)]);

	if (!said)
		return `status ${answer.status} is not described: ${text(answer).slice(0, 200)}`;
	if (!said.content)
		return answer.body.length ? 'a body that is not described' : null;
	const as = said.content[typeOf(answer)];

	if (!as)
		return `type ${typeOf(answer)} is not described`;
	if (typeOf(answer) !== 'application/json')
		return null;
	const check = checker(api, as.schema);

	if (check(JSON.parse(text(answer))))
		return null;
	const e = check.errors[0];

	return `${e.instancePath || '/'} ${e.message} ${JSON.stringify(e.params)}`;
}

/* Records are asked for of all, what takes the packets of every fifth. */
function some(example, uids) {
	return example.endsWith('{uid}') ? uids : uids.filter((u, i) => i % 5 === 0);
}

async function tryExample(api, path, operation, uids, example) {
	const whom = example.includes('{uid}') ? some(example, uids) : [null];

	for (const uid of whom) {
		const asked = example.replace('{uid}', uid);
		const why = wrong(api, operation, await get(asked));

		if (why) {
			result(example, `${asked}: ${why}`);
			return;
		}
	}
	result(`${example}${whom.length > 1 ? ` of ${whom.length} calls` : ''}`);
}

/* A number that is none is refused in the way all errors are. */
async function tryWrong(api, path, operation) {
	const number = (operation.parameters ?? []).map((p) => follow(api, p))
		.find((p) => p.schema?.type === 'integer');

	if (!number || path.includes('{') || !operation['x-examples'])
		return;
	const answer = await get(`${path}?${number.name}=none`);

	result(`${path}: a wrong ${number.name}`, answer.status === 400 ?
		wrong(api, operation, answer) : `status ${answer.status}`);
}

async function tryTag(path, example) {
	const first = await get(example);
	const tag = first.headers.get('etag');

	if (typeOf(first) !== 'application/json' || first.status !== 200)
		return;
	if (!tag) {
		result(`${path}: ETag`, 'there is none');
		return;
	}
	const again = await get(example, { 'If-None-Match': tag });
	/* What tells the time is another each time. */
	const same = text(first) === text(await get(example));

	if (same)
		result(`${path}: not changed`, again.status === 304 ? null : `status ${again.status}`);
}

async function tryPath(api, path, uids) {
	const operation = api.paths[path].get;

	for (const example of operation?.['x-examples'] ?? [])
		await tryExample(api, path, operation, uids, example);
	if (!operation || only.length)
		return;
	await tryWrong(api, path, operation);
	for (const example of (operation['x-examples'] ?? []).slice(0, 1))
		await tryTag(path, example.replace('{uid}', uids[0]));
}

/* All pages of all calls, each of them once. */
async function tryPages(uids) {
	const found = [];
	let cursor = '';

	do {
		const page = JSON.parse(text(await get(`/api/v1/calls?limit=10${cursor}`)));

		found.push(...page.calls.map((c) => c.uid));
		cursor = page.next ? `&cursor=${encodeURIComponent(page.next)}` : null;
	} while (cursor && found.length <= uids.length);
	result('pages', found.length === uids.length && new Set(found).size === found.length ?
		null : `${found.length} calls on all pages, ${uids.length} on one`);
}

const api = JSON.parse(text(await get('/api/v1/openapi.json')));
const calls = JSON.parse(text(await get('/api/v1/calls?limit=1000'))).calls;
const uids = calls.map((c) => c.uid);

if (uids.length < 2)
	result('calls', 'the store has none');
for (const path of Object.keys(api.paths)) {
	if (!only.length || only.includes(path))
		await tryPath(api, path, uids);
}
if (!only.length)
	await tryPages(uids);
process.exitCode = failures ? 1 : 0;
