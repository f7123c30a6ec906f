// node harness.mjs [SPEC...]: runs the specs of this folder, all or those
// named, in one Chromium against one server with the samples. @call stands for
// those of the call page, @others for the rest: two halves, to run side by side.
//
// A spec is a file NAME.mjs whose default export is [{ name, run(t) }]; test.mjs
// says what t has. Helpers that are no specs are in the list below. Results
// are lines PASS, FAIL, SKIP. A test fails, too, by an error on the console, a
// request to another origin, and what the CSP refuses.
//
// CALLSCOPE, CALLSCOPE_SRC: as for all tests here. CHROMIUM: another browser.
// SHOTS=DIR: screenshots are left there.
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { makeStore, serve } from './program.mjs';
import { Skip, Test } from './test.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const ui = join(here, '../../../web/ui');
const helpers = new Set(['harness.mjs', 'program.mjs', 'running.mjs', 'samples.mjs',
	'test.mjs']);
const callPage = new Set(['audio', 'call', 'downloads', 'ice', 'ladder', 'media']);
const TEST_MS = 60e3;

function isWanted(name, wanted) {
	return wanted.length === 0 || wanted.includes(name) ||
		wanted.includes(callPage.has(name) ? '@call' : '@others');
}

function specs(wanted) {
	return readdirSync(here)
		.filter((f) => f.endsWith('.mjs') && !helpers.has(f))
		.map((f) => f.replace(/\.mjs$/, ''))
		.filter((name) => isWanted(name, wanted))
		.sort();
}

/* Never through a proxy, nothing asked for by the browser itself. */
const flags = ['--no-sandbox', '--no-proxy-server', '--disable-background-networking',
	'--disable-component-update', '--autoplay-policy=no-user-gesture-required',
	'--mute-audio'];

function launch(chromium) {
	return chromium.launch({
		executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
		headless: true, args: flags,
	});
}

async function inTime(promise) {
	let timer;
	const late = new Promise((resolve, reject) => {
		timer = setTimeout(() => reject(new Error(`not done in ${TEST_MS / 1000} s`)), TEST_MS);
	});

	try {
		await Promise.race([promise, late]);
	} finally {
		clearTimeout(timer);
	}
}

async function runTest(harness, name, test) {
	const t = new Test(harness, name);

	try {
		await t.open();
		await inTime(test.run(t));
		if (t.unexpected().length > 0)
			throw new Error(t.unexpected().join(' | '));
		console.log(`PASS ${name}`);
	} catch (e) {
		if (e instanceof Skip)
			console.log(`SKIP ${name}: ${e.message}`);
		else
			console.log(`FAIL ${name}: ${[e.message, ...t.unexpected()].join(' | ')
				.replace(/\s*\n\s*/g, ' ')}`);
	} finally {
		await t.close();
	}
}

async function runSpecs(harness, names) {
	for (const spec of names) {
		const file = pathToFileURL(join(here, `${spec}.mjs`));

		try {
			for (const test of (await import(file)).default)
				await runTest(harness, `viewer ${spec}: ${test.name}`, test);
		} catch (e) {
			console.log(`FAIL viewer ${spec}: ${e.message}`);
		}
	}
}

function modules() {
	const require = createRequire(join(ui, 'package.json'));

	return {
		chromium: require('playwright-core').chromium,
		axe: readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'),
	};
}

async function main() {
	const names = specs(process.argv.slice(2));

	if (!existsSync(join(ui, 'node_modules/playwright-core'))) {
		console.log('SKIP viewer: no playwright-core: run npm ci in web/ui');
		return;
	}
	const { chromium, axe } = modules();
	const dir = makeStore();
	let server, browser;

	try {
		server = await serve(dir);
		browser = await launch(chromium);
		await runSpecs({ browser, server, dir, axe, cookies: {}, startServer: serve }, names);
	} finally {
		await browser?.close();
		const end = await server?.stop();

		if (end?.status !== 0)
			console.log(`FAIL viewer: the server ended with ${end?.status}: ` +
				`${end?.said.replace(/\s*\n\s*/g, ' ').slice(-400)}`);
		rmSync(dir, { recursive: true, force: true });
	}
}

await main();
