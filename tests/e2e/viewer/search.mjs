// The search page: the one box, filters, columns, keys, Back, export.
import { readFileSync } from 'node:fs';

const rows = '.table .row';

async function searched(t, path) {
	await t.login('analyst');
	await t.goto(path);
	await t.page.waitForSelector(rows);
}

/* The text of a cell of the n-th row, by the title of its column. */
async function cell(t, row, title) {
	const titles = await t.page.locator('.table [role=columnheader]').allTextContents();
	const at = titles.findIndex((text) => text.startsWith(title));

	return t.page.locator(rows).nth(row).locator('[role=gridcell]').nth(at).textContent();
}

export default [
	{
		name: 'all calls at first, the latest on top',
		async run(t) {
			await searched(t, '/search');
			const { calls } = await t.api('/calls?limit=2');
			const first = t.page.locator(rows).first().locator('time');

			t.equal(await first.getAttribute('datetime'), calls[0].start);
			t.ok((await first.getAttribute('title')).includes('UTC'));
			await t.screenshot('search-light', { theme: 'light' });
			await t.screenshot('search-dark', { theme: 'dark' });
		},
	},
	{
		name: 'what is typed is in the address, and understood',
		async run(t) {
			await searched(t, '/search');
			await t.page.fill('[data-search]', 'status:486');
			await t.page.keyboard.press('Enter');
			await t.page.waitForURL('**/search?q=status:486');
			await t.page.waitForSelector('.chips li');
			const { calls } = await t.api('/calls?q=status:486&limit=1000');

			t.ok(calls.length > 0);
			t.equal(await cell(t, 0, 'status'), '486');
			t.ok((await t.page.textContent('.chips')).includes('486'));
			t.ok((await t.page.textContent('.count')).startsWith(`${calls.length} call`));
			await t.page.click('.chips button');
			await t.page.waitForURL((u) => !u.searchParams.has('q'));
			await t.page.goBack();
			await t.page.waitForFunction(() =>
				document.querySelector('[data-search]').value === 'status:486');
		},
	},
	{
		name: 'a mistake is shown at its place',
		async run(t) {
			t.allow(/status of 400/);
			await t.login('analyst');
			await t.goto('/search?q=status:486+foo:1');
			await t.page.waitForSelector('.bad-query');
			t.equal(await t.page.textContent('.bad-query mark'), 'foo:1');
			await t.screenshot('search-mistake');
		},
	},
	{
		name: 'the panel writes into the box',
		async run(t) {
			await searched(t, '/search?filters=1');
			await t.page.getByRole('combobox', { name: 'State' }).selectOption('failed');
			await t.page.waitForURL(/q=state:failed/);
			await t.page.getByLabel('MOS below').fill('3.5');
			await t.page.keyboard.press('Enter');
			await t.page.waitForURL(/mos/);
			t.equal(await t.page.inputValue('[data-search]'), 'state:failed mos<3.5');
			await t.page.getByRole('combobox', { name: 'State' }).selectOption('');
			await t.page.waitForURL((u) => u.searchParams.get('q') === 'mos<3.5');
			await t.page.waitForSelector('.chips li');
			await t.screenshot('search-filters', { theme: 'light' });
		},
	},
	{
		name: 'nothing found says what to do',
		async run(t) {
			await t.login('analyst');
			await t.goto('/search?q=number:987650000001');
			await t.page.waitForSelector('.note');
			t.ok((await t.page.textContent('.note')).includes('No call matches'));
			await t.screenshot('search-nothing');
		},
	},
	{
		name: 'columns are in the address, and may be the default',
		async run(t) {
			await searched(t, '/search');
			await t.page.getByRole('button', { name: 'Columns' }).click();
			await t.page.getByLabel('transport').check();
			await t.page.waitForURL(/cols=/);
			await t.screenshot('search-columns');
			await t.page.getByRole('button', { name: 'Keep as default' }).click();
			await t.page.waitForURL((u) => !u.searchParams.has('cols'));
			await t.page.goto(`${t.base}/search`);
			await t.page.waitForSelector(rows);
			t.ok((await t.page.locator('[role=columnheader]').allTextContents()).includes('via'));
		},
	},
	{
		name: 'a column sorts, first by its largest',
		async run(t) {
			await searched(t, '/search');
			await t.page.getByRole('button', { name: 'dur', exact: true }).click();
			await t.page.waitForURL(/sort=-duration/);
			await t.page.waitForSelector('[aria-sort=descending]:has-text("dur")');
			const { calls } = await t.api('/calls?sort=-duration&limit=1');

			await t.page.waitForFunction(([sel, start]) =>
				document.querySelector(`${sel} time`)?.dateTime === start, [rows, calls[0].start]);
		},
	},
	{
		name: 'j, k and Enter; Back leads to the same row',
		async run(t) {
			await searched(t, '/search?q=-status:486');
			await t.page.locator('[role=grid]').focus();
			for (let i = 0; i < 45; i++)
				await t.page.keyboard.press('j');
			await t.page.keyboard.press('k');
			const row = t.page.locator('.row.at');
			const at = await row.getAttribute('aria-rowindex');
			const top = await t.page.locator('.table').evaluate((e) => e.scrollTop);

			t.equal(at, '45');
			t.ok(top > 0, 'scrolled');
			await t.page.keyboard.press('Enter');
			await t.page.waitForURL('**/call/*');
			await t.page.goBack();
			await t.page.waitForSelector('.row.at');
			t.equal(await row.getAttribute('aria-rowindex'), at);
			t.equal(await t.page.locator('.table').evaluate((e) => e.scrollTop), top);
		},
	},
	{
		name: 'more rows come when the end is near, few are drawn',
		async run(t) {
			await searched(t, '/search');
			const all = (await t.api('/calls?limit=1000')).calls.length;
			const known = async () => Number(await t.page.locator('[role=grid]').getAttribute('aria-rowcount')) - 1;

			t.ok(all > 100, 'more than one page');
			await t.page.locator('.table').evaluate((e) => e.scrollTo(0, e.scrollHeight));
			await t.page.waitForFunction(() => document.querySelector('[role=grid]')
				.getAttribute('aria-rowcount') > 101);
			t.ok(await known() > 100);
			t.ok(await t.page.locator(rows).count() < 80);
		},
	},
	{
		name: 'CSV and JSON lines of the result',
		async run(t) {
			await searched(t, '/search?q=status:486');
			const { calls } = await t.api('/calls?q=status:486&limit=1000');

			for (const [name, lines] of [['CSV', calls.length + 1], ['JSON lines', calls.length]]) {
				await t.page.getByRole('button', { name: 'Export' }).click();
				const [file] = await Promise.all([
					t.page.waitForEvent('download'),
					t.page.getByRole('link', { name }).click(),
				]);
				const text = readFileSync(await file.path(), 'utf8');

				t.equal(text.trimEnd().split('\n').length, lines, name);
				t.ok(text.includes(calls[0].uid), name);
			}
		},
	},
	{
		name: 'one pcap of the calls that were found',
		async run(t) {
			await searched(t, '/search?q=status:486');
			await t.page.getByRole('button', { name: 'Export' }).click();
			const [file] = await Promise.all([
				t.page.waitForEvent('download'),
				t.page.getByRole('link', { name: /pcap/ }).click(),
			]);
			const magic = readFileSync(await file.path()).readUInt32LE(0);

			t.ok([0xa1b2c3d4, 0xa1b23c4d].includes(magic), `magic ${magic.toString(16)}`);
		},
	},
	{
		name: 'a viewer is not offered packets',
		async run(t) {
			await t.login('viewer');
			await t.goto('/search');
			await t.page.getByRole('button', { name: 'Export' }).click();
			t.equal(await t.page.locator('a[href*="/export/pcap"]').count(), 0);
			t.ok((await t.page.textContent('.menu .panel')).includes('for the role analyst'));
		},
	},
	{
		name: 'a search is saved by its name',
		async run(t) {
			await searched(t, '/search?q=status:486&sort=-duration');
			await t.page.getByRole('button', { name: 'Saved' }).click();
			await t.page.getByLabel('Name of this search').fill('busy');
			await t.page.keyboard.press('Enter');
			await t.page.goto(`${t.base}/search`);
			await t.page.waitForSelector(rows);
			await t.page.getByRole('button', { name: 'Saved' }).click();
			await t.page.getByRole('link', { name: 'busy' }).click();
			await t.page.waitForURL('**/search?q=status:486&sort=-duration');
		},
	},
	{
		name: 'a range of time',
		async run(t) {
			await searched(t, '/search');
			await t.page.getByRole('button', { name: 'all time' }).click();
			await t.screenshot('search-range');
			await t.page.getByLabel('from', { exact: true }).fill('2026-11-23T01:00');
			await t.page.getByRole('button', { name: 'Set' }).click();
			/* The browser is in Berlin, the address in UTC. */
			await t.page.waitForURL(/from=2026-11-23T00:00:00/);
			t.ok(await t.page.getByRole('button', { name: 'since 2026-11-23 01:00' }).isVisible());
		},
	},
	{
		name: 'on a phone rows are cards',
		async run(t) {
			await t.size('phone');
			await searched(t, '/search');
			await t.page.waitForSelector('.card-row');
			t.equal(await t.page.evaluate(() =>
				document.documentElement.scrollWidth <= innerWidth), true, 'no sideways scrolling');
			await t.screenshot('search-phone', { theme: 'dark', width: 390 });
			await t.screenshot('search-phone-light', { theme: 'light', width: 390 });
			await t.page.getByRole('button', { name: 'all time' }).click();
			await t.screenshot('search-phone-menu', { theme: 'light', width: 390 });
		},
	},
];
