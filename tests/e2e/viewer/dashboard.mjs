// The dashboard: its figures are those of the API, each count leads to as many
// calls, charts have data and choose a range of time.

const all = '/dashboard?from=all';

/* How many rows a search of the address finds. */
async function found(t, href) {
	const query = new URL(href, t.base).searchParams;
	const rows = [];
	let cursor = null;

	do {
		const page = new URLSearchParams({ ...Object.fromEntries(query), limit: 1000 });

		if (cursor)
			page.set('cursor', cursor);
		const answer = await t.api(`/calls?${page}`);

		rows.push(...answer.calls);
		cursor = answer.next;
	} while (cursor);
	return rows.length;
}

/* Until all is counted. */
async function open(t, path = all) {
	await t.goto(path);
	await t.page.waitForSelector('.tiles');
	await t.page.waitForSelector('.progress', { state: 'detached', timeout: 30e3 });
}

/* [text as a number, where it leads] of all links that match. */
function links(t, selector) {
	return t.page.locator(selector).evaluateAll((list) => list.map((a) =>
		[Number((a.querySelector('.n') ?? a).textContent.replace(/\D/g, '')), a.getAttribute('href')]));
}

async function sameCounts(t, selector, least = 1) {
	const all = await links(t, selector);

	t.ok(all.length >= least, `${selector}: ${all.length} links`);
	for (const [n, href] of all)
		t.equal(await found(t, href), n, `${selector}: ${href}`);
}

export default [
	{
		name: 'its figures are those of the store',
		async run(t) {
			await t.login('viewer');
			await open(t);
			const { totals } = await t.api('/stats?from=-999d');
			const calls = await found(t, '/search?q=type:call');

			t.ok(totals.calls > 10, `${totals.calls} calls`);
			t.equal(totals.calls, calls, 'all calls');
			const [[shown]] = await links(t, '.tile .value a');

			t.equal(shown, totals.calls, 'the first tile');
			await t.axeClean();
			await t.screenshot('dashboard-light');
			await t.screenshot('dashboard-dark', { theme: 'dark' });
			await t.screenshot('dashboard-phone', { width: 390 });
		},
	},
	{
		name: 'each count leads to as many calls',
		async run(t) {
			await t.login('viewer');
			await open(t);
			await sameCounts(t, '.tile .value a', 3);
			await sameCounts(t, '.bars a', 6);
			await sameCounts(t, '.failures td a', 2);
			await sameCounts(t, '.groups td a', 2);
		},
	},
	{
		name: 'a link opens the calls, Back leads back',
		async run(t) {
			await t.login('viewer');
			await open(t);
			await t.page.click('.failures td a');
			await t.page.waitForSelector('[role=grid] [role=row]');
			t.ok(t.page.url().includes('/search?q='));
			await t.page.goBack();
			await t.page.waitForSelector('.tiles');
			t.equal(new URL(t.page.url()).search, '?from=all');
		},
	},
	{
		name: 'charts have data, dragging chooses a time, Back and a link go back',
		async run(t) {
			await t.login('viewer');
			await open(t);
			t.equal(await t.page.locator('.series .chart canvas').count(), 5, 'charts');
			const text = await t.page.locator('.series .chart').first().getAttribute('aria-label');

			t.ok(/all: \d+ to [1-9]/.test(text), text);
			const plot = t.page.locator('.series .u-over').first();
			const box = await plot.boundingBox();

			await t.page.mouse.move(box.x + 40, box.y + 40);
			await t.page.mouse.down();
			await t.page.mouse.move(box.x + 160, box.y + 40, { steps: 4 });
			await t.page.mouse.up();
			await t.page.waitForURL(/from=\d{4}-.*to=\d{4}-/);
			await t.page.waitForSelector('.tiles, .note');
			await t.page.goBack();
			await t.page.waitForURL('**/dashboard?from=all');
			await t.page.goForward();
			await t.page.waitForURL(/from=\d{4}-/);
			await t.page.click('text=back to the whole');
			await t.page.waitForURL('**/dashboard?from=all');
		},
	},
	{
		name: 'a search counts its calls alone, a wrong one is told',
		async run(t) {
			t.allow(/status of 400/);
			await t.login('viewer');
			await open(t);
			await t.page.fill('[data-search]', 'status:2xx type:call');
			await t.page.keyboard.press('Enter');
			await t.page.waitForURL(/q=status/);
			const { totals } = await t.api('/stats?from=-999d&q=status:2xx+type:call');

			t.ok(totals.calls > 0 && totals.answered === totals.calls);
			await t.page.waitForFunction((n) => document.querySelector('.tile .value a')
				?.textContent.replace(/\D/g, '') === String(n), totals.calls);
			await t.page.fill('[data-search]', 'mos<many');
			await t.page.keyboard.press('Enter');
			await t.page.waitForSelector('.words [role=alert]');
		},
	},
	{
		name: 'without calls it says where to look',
		async run(t) {
			await t.login('viewer');
			await t.goto('/dashboard?from=2001-01-01&to=2001-01-02');
			await t.page.waitForSelector('.note');
			await t.axeClean();
			await t.page.click('text=look at all time');
			await t.page.waitForSelector('.tiles');
			t.equal(new URL(t.page.url()).search, '?from=all');
		},
	},
];
