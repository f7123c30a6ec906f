// Media over time: what is drawn is what the timeline has.
import { addUser, callscope, users } from './program.mjs';
import { openSample, recordOf } from './samples.mjs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/* What uPlot was given, by panel: { x, series: [{label, values}], range }. */
function plots(page) {
	return page.evaluate(() => Object.fromEntries(
		[...document.querySelectorAll('.panel-chart')].map((figure) => {
			const u = [...figure.children].at(-1).callscopePlot;

			return [figure.dataset.panel, {
				x: u.data[0],
				series: u.series.slice(1).map((s, i) => ({
					label: s.label, values: u.data[i + 1],
				})),
				range: [u.scales.x.min, u.scales.x.max],
				drawn: pixels(u.ctx.canvas),
			}];

			/* How many pixels are neither empty nor grey. */
			function pixels(canvas) {
				const { data } = canvas.getContext('2d')
					.getImageData(0, 0, canvas.width, canvas.height);
				let n = 0;

				for (let i = 0; i < data.length; i += 4)
					if (data[i + 3] > 128 && Math.max(data[i], data[i + 1], data[i + 2]) -
					    Math.min(data[i], data[i + 1], data[i + 2]) > 60)
						n++;
				return n;
			}
		})));
}

/* Of points in time, those where the burst map has a mark, by lane. */
function marked(page, lane, times) {
	return page.evaluate(([n, list]) => {
		const canvas = document.querySelector('.strip.losses canvas');
		const u = [...document.querySelectorAll('.panel-chart')][0].lastChild.callscopePlot;
		const ratio = canvas.width / canvas.clientWidth;
		const y = (14 + n * 40 + 34 - 2) * ratio;
		const { min, max } = u.scales.x;
		const bad = getComputedStyle(document.documentElement)
			.getPropertyValue('--bad').trim();
		const want = [1, 3, 5].map((i) => parseInt(bad.slice(i, i + 2), 16));

		return list.filter((t) => {
			const x = (46 + (t - min) / (max - min) * (canvas.clientWidth - 56) + 1) * ratio;
			const got = canvas.getContext('2d').getImageData(x, y, 1, 1).data;

			return want.every((v, i) => Math.abs(v - got[i]) < 12);
		});
	}, [lane, times]);
}

async function ready(t) {
	await t.page.waitForSelector('.panel-chart[data-panel=loss] canvas');
}

export default [
	{
		name: 'charts have the timeline\'s data and are drawn',
		async run(t) {
			const call = await openSample(t, 'loss-burst');
			const timeline = await t.api(`/calls/${call.uid}/timeline`);

			await ready(t);
			const got = await plots(t.page);

			t.equal(timeline.source, 'packets');
			for (const side of ['a', 'b']) {
				const stream = timeline.streams.find((s) =>
					s.stream_uid === call[side].stream_uid);
				const series = got.jitter.series.find((s) =>
					s.label.startsWith(`${side} `) && !s.label.endsWith('RTCP'));

				t.equal(stream.lost.reduce((n, v) => n + (v ?? 0), 0), call[side].lost);
				/* The last value is there twice: it lasts to the end of its step. */
				t.equal(series.values.filter((v) => v !== null && v !== undefined).slice(0, -1),
					stream.jitter_ms.filter((v) => v !== null), `jitter of ${side}`);
			}
			for (const id of ['mos', 'loss', 'jitter', 'delta', 'bitrate'])
				t.ok(got[id].drawn > 100, `${id} is drawn: ${got[id].drawn} pixels`);
			await t.axeClean();
			await t.theme('dark');
			await t.axeClean('dark', ['color-contrast']);
		},
	},
	{
		name: 'a finding\'s link shows its stream and its part of time',
		async run(t) {
			const call = await openSample(t, 'loss-burst');

			await ready(t);
			await t.page.click('.finding[data-code=loss] .evidence');
			await t.page.waitForSelector(`tr.pointed[data-stream="${call.a.stream_uid}"]`);
			const [band, first] = await t.page.evaluate(() => {
				const box = (q) => document.querySelector(q).getBoundingClientRect();

				return [box('.evidence-band'), box('.panel-chart .u-over')]
					.map((r) => [r.left, r.right]);
			});

			t.ok(band[0] >= first[0] - 2 && band[1] <= first[1] + 2 && band[1] - band[0] > 20,
				`${band} in ${first}`);
		},
	},
	{
		name: 'what the peer reported is beside our own curve',
		async run(t) {
			const call = await openSample(t, 'loss-rtcp');
			const timeline = await t.api(`/calls/${call.uid}/timeline`);

			await ready(t);
			const { loss } = await plots(t.page);
			const rings = loss.series.filter((s) => s.label.endsWith('RTCP'));
			const values = rings.flatMap((s) => s.values.filter((v) => v !== undefined));

			t.ok(rings.length > 0, 'RTCP series');
			t.equal(values.length, timeline.rtcp.filter((r) =>
				[call.a.stream_uid, call.b.stream_uid].includes(r.stream_uid) &&
				r.fraction_lost_pct !== null).length);
		},
	},
	{
		name: 'the burst map has a mark for each run of lost packets',
		async run(t) {
			const call = await openSample(t, 'loss-burst');
			const timeline = await t.api(`/calls/${call.uid}/timeline`);
			const { losses } = timeline.streams.find((s) =>
				s.stream_uid === call.a.stream_uid);
			const stream = call.streams.find((s) => s.stream_uid === call.a.stream_uid);

			await ready(t);
			t.equal(losses.reduce((n, l) => n + l.lost, 0), stream.lost);
			t.equal(losses.length, stream.loss_runs.reduce((n, v) => n + v, 0));
			t.equal(await marked(t.page, 0, losses.map((l) => l.t)), losses.map((l) => l.t));
			t.equal(await marked(t.page, 1, losses.map((l) => l.t)), [], 'nothing of b');
			const label = await t.page.getAttribute('.strip.losses canvas', 'aria-label');

			t.ok(label.includes(`${stream.lost} packets lost in ${losses.length} runs`), label);
		},
	},
	{
		name: 'one crosshair over all panels; drag zooms, double click goes back',
		async run(t) {
			await openSample(t, 'loss-burst');
			await ready(t);
			const whole = (await plots(t.page)).loss.range;
			const over = t.page.locator('.panel-chart[data-panel=loss] .u-over');

			await over.scrollIntoViewIfNeeded();
			const box = await over.boundingBox();
			const y = box.y + box.height / 2;

			await t.page.mouse.move(box.x + box.width / 2, y);
			await t.page.waitForFunction(() =>
				[...document.querySelectorAll('.panel-chart[data-panel=mos] .readout b')]
					.every((b) => /^\d/.test(b.textContent)));
			const lines = await t.page.evaluate(() =>
				[...document.querySelectorAll('.u-cursor-x, .charts .strip .cursor')]
					.filter((e) => !e.hidden).map((e) => e.getBoundingClientRect().left));

			t.ok(lines.length >= 6, `${lines.length} lines`);
			t.ok(Math.max(...lines) - Math.min(...lines) < 2.5, lines.join());

			await t.page.mouse.move(box.x + box.width * 0.25, y);
			await t.page.mouse.down();
			await t.page.mouse.move(box.x + box.width * 0.4, y);
			await t.page.mouse.move(box.x + box.width * 0.5, y);
			await t.page.mouse.up();
			await t.page.waitForSelector('.zoom button:has-text("Whole call"):not(:disabled)');
			const now = await plots(t.page);
			const want = [0.25, 0.5].map((p) => whole[0] + p * (whole[1] - whole[0]));

			for (const id of ['mos', 'loss', 'bitrate'])
				now[id].range.forEach((v, i) => t.ok(
					Math.abs(v - want[i]) < (whole[1] - whole[0]) / 100, `${id} ${v} ${want[i]}`));
			await over.dblclick();
			await t.page.waitForSelector('.zoom button:has-text("Whole call"):disabled');
			t.equal((await plots(t.page)).mos.range, whole);
		},
	},
	{
		name: 'which streams are shown is in the address',
		async run(t) {
			const call = await openSample(t, 'loss-burst');

			await ready(t);
			await t.page.locator(`tr[data-stream="${call.b.stream_uid}"] input`).uncheck();
			await t.page.waitForURL(/streams=\d+$/);
			t.equal((await plots(t.page)).mos.series.map((s) => s.label[0]), ['a']);
			await t.page.reload();
			await ready(t);
			t.equal((await plots(t.page)).mos.series.map((s) => s.label[0]), ['a']);
		},
	},
	{
		name: 'a call without a recording is shown in slices, and says so',
		async run(t) {
			const dir = mkdtempSync(join(process.env.TMPDIR ?? tmpdir(), 'slices-'));

			try {
				callscope(['-r', join(process.env.CALLSCOPE_SRC, 'samples/loss-burst.pcap'),
					'-o', dir, '-q', '--record', 'none']);
				addUser(dir, 'analyst', users.analyst);
				t.allow(/another origin/);
				t.base = (await t.serve(dir)).base;
				await t.login('analyst', { fresh: true });
				const call = await recordOf(t, 'loss-burst');

				await t.goto(`/call/${call.uid}`);
				await ready(t);
				t.ok((await t.page.textContent('section.media')).includes('slices of 10 seconds'));
				t.ok((await plots(t.page)).loss.series.length > 0);
			} finally {
				rmSync(dir, { recursive: true, force: true });
			}
		},
	},
	{
		name: 'figures of the table are the record\'s',
		async run(t) {
			const call = await openSample(t, 'loss-burst');

			await ready(t);
			for (const s of call.streams) {
				const row = await t.page.textContent(`tr[data-stream="${s.stream_uid}"]`);

				t.ok(row.includes(`${s.src} → ${s.dst}`), row);
				t.ok(row.includes(`${s.packets}`), row);
				t.ok(row.includes(s.mos.scale), row);
			}
			await t.screenshot('media-light');
			await t.screenshot('media-dark', { theme: 'dark' });
			await t.screenshot('media-phone', { width: 390 });
			await t.size('phone');
			t.equal(await t.page.evaluate(() => document.documentElement.scrollWidth), 390,
				'a phone does not scroll sideways');
		},
	},
];
