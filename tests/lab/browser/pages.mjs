// Browsers that a script drives: orders on standard input, a line each, and
// one line back for each, "ok RESULT" or "error WHY".
//
//	open NAME chromium|firefox URL PREFIX... [-- OPTION...]
//		a browser with that page; PREFIX is a command that starts
//		others in its place (ip netns exec ...); options are flags of
//		Chromium or name=value preferences of Firefox
//	NAME EXPRESSION		in the page; all EXPRESSION: in every page
//	truth FILE		what lab.told() says, page by page
//	quit
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { chromium } from './chromium.mjs';
import { firefox } from './marionette.mjs';

const dir = process.argv[2];
const pages = new Map();

function preferences(options) {
	return Object.fromEntries(options.map((o) => {
		const [name, value] = o.split('=');

		return [name, JSON.parse(value)];
	}));
}

async function open(words) {
	const [name, kind, url, ...rest] = words;
	const cut = rest.indexOf('--');
	const inside = cut < 0 ? rest : rest.slice(0, cut);
	const more = cut < 0 ? [] : rest.slice(cut + 1);
	const page = kind === 'firefox' ?
		await firefox({ inside, dir: `${dir}/${name}`, url,
			more: preferences(more) }) :
		await chromium({ inside, dir: `${dir}/${name}`, url, more });

	pages.set(name, page);
	return page.version;
}

async function all(expression) {
	return Promise.all([...pages.values()].map((p) => p.evaluate(expression)));
}

async function truth(file) {
	const told = await all('lab.told()');
	const versions = [...pages.values()].map((p) => p.version);

	told.forEach((t, i) => { t.browser = versions[i]; });
	await writeFile(file, JSON.stringify(told));
}

async function quit() {
	await Promise.all([...pages.values()].map((p) => p.close()));
}

async function obey(line) {
	const [word, ...rest] = line.trim().split(/\s+/);
	const text = line.trim().slice(word.length).trim();

	if (word === 'open')
		return open(rest);
	if (word === 'all')
		return all(text);
	if (word === 'truth')
		return truth(text);
	if (word === 'quit')
		return quit();
	return pages.get(word).evaluate(text);
}

for await (const line of createInterface({ input: process.stdin })) {
	const answer = await obey(line).then(
		(v) => `ok ${JSON.stringify(v ?? null)}`,
		(e) => `error ${String(e).replaceAll('\n', ' ')}`);

	process.stdout.write(`${answer}\n`);
	if (line.trim() === 'quit')
		process.exit(0);
}
await quit();
