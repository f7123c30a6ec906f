// Sound: there is some, it plays, and only who may hears it.
import { join } from 'node:path';
import { openCall, openSample, recordOf } from './samples.mjs';

/* Root mean square of both channels of a call's sound, decoded by the
 * browser; silent is 0. */
function loudness(page, uid) {
	return page.evaluate(async (id) => {
		const answer = await fetch(`/api/v1/calls/${id}/wav`);
		const sound = await new OfflineAudioContext(2, 1, 48000)
			.decodeAudioData(await answer.arrayBuffer());

		return [0, 1].map((n) => {
			const data = sound.getChannelData(n);

			return Math.sqrt(data.reduce((sum, v) => sum + v * v, 0) / data.length);
		});
	}, uid);
}

/* Samples whose both sides send a tone or speech. */
const audible = ['basic-call', 'g722-call', 'opus-call', 'sdes-call'];

export default [
	...audible.map((name) => ({
		name: `${name} is not silent on either side`,
		async run(t) {
			const call = await openSample(t, name);

			for (const rms of await loudness(t.page, call.uid))
				t.ok(rms > 0.005, `${rms}`);
		},
	})),
	{
		name: 'Listen plays both sides, with waveforms and digits',
		async run(t) {
			const asked = [];

			t.page.on('request', (r) => r.url().includes('/wav') && asked.push(r.method()));
			await openSample(t, 'dtmf');
			await t.page.waitForSelector('section.media');
			t.equal(asked, [], 'nothing is asked for before somebody listens');
			await t.page.click('.audio button.primary');
			await t.page.waitForSelector('.waveform canvas');
			t.equal(asked, ['GET'], 'one listening, one request');
			await t.page.waitForFunction(() => /0:0[1-9]/.test(
				document.querySelector('.player .position').textContent.split('/')[0]));
			const drawn = await t.page.evaluate(() => {
				const canvas = document.querySelector('.strip.sound canvas');
				const half = canvas.height / 2;
				const count = (y) => canvas.getContext('2d')
					.getImageData(60, y, canvas.width - 80, half - 4).data
					.filter((v, i) => i % 4 === 3 && v > 128).length;

				return [count(0), count(half)];
			});

			t.ok(drawn[0] > 200 && drawn[1] > 200, drawn.join());
			await t.page.click('.player [aria-label=Pause]');
			await t.page.waitForSelector('.player [aria-label=Play]');
			await t.page.locator('.player input[type=checkbox]').first().uncheck();
			await t.page.selectOption('.player select', '1.5');
			await t.page.click('.player [aria-label=Play]');
			await t.page.waitForSelector('.player [aria-label=Pause]');
			await t.axeClean();
			await t.screenshot('audio-light');
			await t.screenshot('audio-dark', { theme: 'dark' });
		},
	},
	{
		name: 'a click into the waveform plays from there',
		async run(t) {
			await openSample(t, 'basic-call');
			await t.page.click('.audio button.primary');
			await t.page.waitForSelector('.waveform canvas');
			await t.page.click('.player [aria-label=Pause]');
			const box = await t.page.locator('.strip.sound').boundingBox();

			await t.page.mouse.click(box.x + 46 + (box.width - 56) * 0.6, box.y + 40);
			await t.page.waitForFunction(() => /0:0[67]/.test(
				document.querySelector('.player .position').textContent.split('/')[0]));
		},
	},
	{
		name: 'without a key it says why there is nothing to hear',
		async run(t) {
			await openSample(t, 'cc-direct');
			t.allow(/status of 40\d/);
			t.ok((await t.page.textContent('.audio')).includes('encrypted, and there is no key'));
			await t.page.click('.audio button.primary');
			await t.page.waitForSelector('.no-audio');
			t.ok((await t.page.textContent('.no-audio')).length > 20);
		},
	},
	{
		name: 'a server with the keys makes an encrypted call sound',
		async run(t) {
			t.allow(/another origin/);
			t.base = (await t.serve(t.dir, ['--keys',
				join(process.env.CALLSCOPE_SRC, 'samples/dtls-call.keylog')])).base;
			await t.login('analyst', { fresh: true });
			const uid = await openCall(t, 'dtls-call');

			for (const rms of await loudness(t.page, uid))
				t.ok(rms > 0.005, `${rms}`);
		},
	},
	{
		name: 'a viewer hears nothing, by the page or around it',
		async run(t) {
			await openSample(t, 'basic-call', '', 'viewer');
			t.ok((await t.page.textContent('.no-audio')).includes('role may not listen'));
			t.equal(await t.page.locator('.audio button').count(), 0);
			const { uid } = await recordOf(t, 'basic-call');
			const answer = await t.context.request.get(`${t.base}/api/v1/calls/${uid}/wav`);

			t.equal(answer.status(), 403);
		},
	},
];
