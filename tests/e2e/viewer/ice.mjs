// The ICE grid: what is shown is what the record has.
import { openSample } from './samples.mjs';

/* The grid as the page has it: { rows, columns, cells: [{pair, outcome}] }. */
function grid(page) {
	return page.evaluate(() => {
		const addr = (th) => th.querySelector('.mono').textContent;
		const table = document.querySelector('.ice-grid');

		return {
			rows: [...table.querySelectorAll('th[scope=row]')].map(addr),
			columns: [...table.querySelectorAll('th[scope=col]')].map(addr),
			cells: [...table.querySelectorAll('td button')].map((b) => ({
				pair: Number(b.dataset.pair), outcome: b.parentElement.classList[0],
				said: b.getAttribute('aria-label'),
				row: addr(b.closest('tr').querySelector('th')),
				column: addr(table.querySelectorAll('th[scope=col]')[
					b.parentElement.cellIndex - 1]),
			})),
		};
	});
}

function outcome(pair) {
	return pair.selected ? 'selected' : pair.state;
}

async function sameGrid(t, ice, what) {
	const got = await grid(t.page);

	t.equal(got.cells.map((c) => c.pair).sort((x, y) => x - y),
		ice.pairs.map((_, i) => i), `${what}: each pair once`);
	for (const cell of got.cells) {
		const pair = ice.pairs[cell.pair];
		const real = (addr, side) => [addr, ...ice.candidates.filter((c) =>
			c.side === side && c.resolved === addr).map((c) => c.addr)];

		t.equal(cell.outcome, outcome(pair), `${what} ${cell.pair}`);
		t.ok(real(pair.local, 'a').includes(cell.row), `${what}: ${cell.row}`);
		t.ok(real(pair.remote, 'b').includes(cell.column), `${what}: ${cell.column}`);
	}
}

const samples = ['ice-relay', 'ice-fail', 'cc-fail', 'cc-nat-sym', 'cc-relay-one',
	'cc-mdns', 'cc-turn-forbidden', 'cc-turn-fallback', 'ff-direct'];

export default [
	...samples.map((name) => ({
		name: `the grid of ${name} is the record's`,
		async run(t) {
			const record = await openSample(t, name, '?tab=ice');

			await t.page.waitForSelector('.ice-grid');
			await sameGrid(t, record.ice[0], name);
		},
	})),
	{
		name: 'a restart is a tab of its own, in the address',
		async run(t) {
			const record = await openSample(t, 'cc-restart', '?tab=ice');

			await t.page.waitForSelector('.ice-grid');
			const tabs = t.page.getByRole('tablist', { name: 'ICE exchanges' })
				.getByRole('tab');

			t.equal(await tabs.count(), record.ice.length);
			t.equal((await tabs.allTextContents()).filter((x) => x.startsWith('Restart'))
				.length, record.ice.filter((i) => i.generation > 1).length);
			for (let n = 0; n < record.ice.length; n++) {
				await tabs.nth(n).click();
				await t.page.waitForURL(/[?&]ice=\d/);
				const index = Number(new URL(t.page.url()).searchParams.get('ice'));

				await sameGrid(t, record.ice[index], `exchange ${index}`);
			}
		},
	},
	{
		name: 'by keyboard: arrows move, Enter shows the pair',
		async run(t) {
			const record = await openSample(t, 'ice-relay', '?tab=ice');

			await t.page.waitForSelector('.ice-grid');
			t.equal(await t.page.locator('.ice-grid button[tabindex="0"]').count(), 1);
			await t.page.locator('.ice-grid button[tabindex="0"]').focus();
			await t.page.keyboard.press('ArrowUp');
			await t.page.keyboard.press('Home');
			const said = await t.page.evaluate(() =>
				document.activeElement.getAttribute('aria-label'));

			t.ok(/host .* failed, reason no-answer/.test(said), said);
			await t.page.keyboard.press('Enter');
			await t.page.waitForURL(/[?&]pair=\d/);
			const shown = Number(new URL(t.page.url()).searchParams.get('pair'));
			const { ab } = record.ice[0].pairs[shown];
			const details = await t.page.textContent('.pair-details');

			t.equal(record.ice[0].pairs[shown].state, 'failed');
			t.ok(details.includes('No answer'), details);
			t.equal((await t.page.locator('.pair-details tbody tr').first()
				.locator('td').allTextContents()).slice(0, 3).map(Number),
			[ab.requests, ab.retransmissions, ab.responses]);
			await t.axeClean();
			await t.theme('dark');
			await t.axeClean('dark', ['color-contrast']);
		},
	},
	{
		name: 'a finding\'s link opens the exchange that it is about',
		async run(t) {
			const record = await openSample(t, 'cc-restart');

			await t.page.click('.finding[data-code=ice-restart] .evidence');
			await t.page.waitForSelector('.ice-grid');
			await t.page.waitForURL(/[?&]ice=\d/);
			const index = Number(new URL(t.page.url()).searchParams.get('ice'));

			t.ok(record.ice[index].generation > 1, `exchange ${index}`);
			await sameGrid(t, record.ice[index], 'restart');
		},
	},
	{
		name: 'why it connected so, or failed, in words',
		async run(t) {
			const said = async (sample) => {
				await openSample(t, sample, '?tab=ice');
				return t.page.textContent('.ice-story');
			};

			t.ok((await said('ice-relay')).includes('because no direct pair worked'));
			t.ok((await said('cc-fail')).includes('Failed'));
			t.ok((await said('cc-turn-forbidden')).includes('403 (forbidden)'));
			t.ok((await said('cc-nat-sym')).includes('Nobody offered a relay'));
			t.ok((await t.page.textContent('.nats')).includes('last seen as'));
		},
	},
	{
		name: 'checks lie on the axis of time, a lane for each pair',
		async run(t) {
			const record = await openSample(t, 'ice-relay', '?tab=ice');
			const { checks } = await t.api(`/calls/${record.uid}/timeline`);
			const label = () => t.page.getAttribute('.strip.checks canvas', 'aria-label');

			await t.page.waitForFunction((n) => document.querySelector('.strip.checks canvas')
				?.getAttribute('aria-label').includes(`${n} marks`),
			checks.filter((c) => c.ice === 0 && c.pair === 0).length);
			for (const pair of new Set(checks.filter((c) => c.ice === 0).map((c) => c.pair)))
				t.ok((await label()).includes(`${checks.filter((c) => c.ice === 0 &&
					c.pair === pair).length} marks`), await label());
			const drawn = await t.page.evaluate(() => {
				const canvas = document.querySelector('.strip.checks canvas');
				const { data } = canvas.getContext('2d')
					.getImageData(0, 0, canvas.width, canvas.height);

				return data.filter((v, i) => i % 4 === 3 && v > 128).length;
			});

			t.ok(drawn > 200, `${drawn} pixels`);
			await t.screenshot('ice-light');
			await t.screenshot('ice-dark', { theme: 'dark' });
			await t.screenshot('ice-phone', { width: 390 });
			await t.size('phone');
			t.equal(await t.page.evaluate(() => document.documentElement.scrollWidth), 390,
				'a phone does not scroll sideways');
		},
	},
	{
		name: 'DTLS says whether the certificate was the promised one',
		async run(t) {
			const said = async (sample) => {
				await openSample(t, sample, '?tab=dtls');
				return t.page.textContent('.verdict');
			};

			t.ok((await said('dtls-call')).includes('Certificate as promised'));
			t.ok((await said('dtls-forged')).includes('Wrong certificate'));
			t.ok((await said('cc-relay')).includes('DTLS 1.3 encrypts'));
			await t.axeClean();
		},
	},
	{
		name: 'TURN allocations, and what was refused',
		async run(t) {
			await openSample(t, 'cc-turn-forbidden', '?tab=turn');
			t.ok((await t.page.textContent('.webrtc')).includes('403 (forbidden)'));
			const record = await openSample(t, 'cc-relay', '?tab=turn');

			t.equal(await t.page.locator('.webrtc article').count(), record.turn.length);
			for (const turn of record.turn.filter((x) => x.relayed))
				t.ok((await t.page.textContent('.webrtc')).includes(turn.relayed));
			await t.axeClean();
		},
	},
];
