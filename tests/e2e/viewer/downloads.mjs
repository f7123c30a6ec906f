// What is taken along is what the call was.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addUser, callscope, users } from './program.mjs';
import { openCall, openSample } from './samples.mjs';

async function inFolder(run) {
	const dir = mkdtempSync(join(process.env.TMPDIR ?? tmpdir(), 'download-'));

	try {
		await run(dir);
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
}

/* Clicks a link of the menu; returns the file's path. */
async function take(t, dir, id) {
	await t.page.click('.downloads-menu > button');
	const [download] = await Promise.all([
		t.page.waitForEvent('download'),
		t.page.click(`[data-download="${id}"] a`),
	]);
	const path = join(dir, download.suggestedFilename());

	await download.saveAs(path);
	await t.page.keyboard.press('Escape');
	return path;
}

/* The first record that reading the file gives. */
function readAgain(dir, path, more = []) {
	const report = join(dir, 'report');

	callscope(['-r', path, '-o', join(dir, 'again'), '--db', 'none', '--record', 'none',
		'-q', '--json', report, ...more]);
	return readFileSync(report, 'utf8').split('\n').filter(Boolean)
		.map((line) => JSON.parse(line)).find((r) => r.type === 'call');
}

function sameCall(t, got, call) {
	for (const field of ['call_id', 'state', 'status', 'start', 'answer', 'end'])
		t.equal(got[field], call[field], field);
	t.equal(got.streams.map((s) => [s.ssrc, s.packets, s.lost]),
		call.streams.map((s) => [s.ssrc, s.packets, s.lost]));
}

/* Packets that tshark reads in a file, null where there is no tshark. */
function tshark(path) {
	const done = spawnSync('tshark', ['-n', '-r', path, '-T', 'fields', '-e', 'frame.number'],
		{ encoding: 'utf8' });

	if (done.error)
		return null;
	return { status: done.status, packets: done.stdout.trim().split('\n').length };
}

export default [
	...['pcap', 'pcapng'].map((id) => ({
		name: `the ${id} opens, and has the same call`,
		async run(t) {
			const call = await openSample(t, 'loss-burst');

			await inFolder(async (dir) => {
				const path = await take(t, dir, id);
				const magic = readFileSync(path).readUInt32LE(0);
				const seen = tshark(path);

				t.equal(magic, id === 'pcap' ? 0xa1b2c3d4 : 0x0a0d0d0a);
				sameCall(t, readAgain(dir, path), call);
				if (seen) {
					t.equal(seen.status, 0);
					t.ok(seen.packets >= call.streams.reduce((n, s) => n + s.packets, 0) +
						call.messages.length, `${seen.packets} packets`);
				}
			});
		},
	})),
	{
		name: 'the pcapng with keys opens by itself, the one without does not',
		async run(t) {
			await inFolder(async (dir) => {
				const sample = join(process.env.CALLSCOPE_SRC, 'samples/dtls-call');

				callscope(['-r', `${sample}.pcap`, '--keys', `${sample}.keylog`,
					'--record-secrets', '-o', dir, '-q']);
				addUser(dir, 'analyst', users.analyst);
				t.allow(/another origin/);
				t.base = (await t.serve(dir)).base;
				await t.login('analyst', { fresh: true });
				await openCall(t, 'dtls-call');
				const opened = (path) => readAgain(dir, path).streams.map((s) => s.decrypted);

				t.equal(opened(await take(t, dir, 'keys')), [true, true]);
				t.equal(opened(await take(t, dir, 'pcapng')), [false, false]);
			});
		},
	},
	{
		name: 'the WAV and the record',
		async run(t) {
			const call = await openSample(t, 'basic-call');

			await inFolder(async (dir) => {
				const wav = readFileSync(await take(t, dir, 'wav'));
				const json = await take(t, dir, 'json');

				t.equal(wav.toString('latin1', 0, 4), 'RIFF');
				t.equal([wav.readUInt16LE(22), wav.readUInt32LE(24)], [2, 8000]);
				t.ok(Math.abs((wav.length - 44) / 4 / 8000 - 11) < 0.5, `${wav.length}`);
				t.equal(JSON.parse(readFileSync(json)), call);
			});
		},
	},
	{
		name: 'the size is told; a viewer is told why not',
		async run(t) {
			await openSample(t, 'loss-burst');
			await t.page.click('.downloads-menu > button');
			await t.page.waitForFunction(() => /\d kB/.test(
				document.querySelector('[data-download=pcap]').textContent));
			await t.axeClean();
			await openSample(t, 'loss-burst', '', 'viewer');
			await t.page.click('.downloads-menu > button');
			t.equal(await t.page.locator('.downloads a').allTextContents(), ['JSON']);
			t.ok((await t.page.textContent('[data-download=pcap]')).includes('role'));
		},
	},
];
