// Registrations and transactions: lists, filters, the history of one.
const rows = '.table .row';

async function opened(t, path) {
	await t.login('viewer');
	await t.goto(path);
	await t.page.waitForSelector(`${rows}, .note`);
}

const shown = (t) => t.page.locator(rows).count();

export default [
	{
		name: 'registrations, and those of a state',
		async run(t) {
			await opened(t, '/registrations');
			const { registrations } = await t.api('/registrations');

			t.equal(await shown(t), registrations.length);
			t.equal(await t.page.locator(`${rows} time`).first().getAttribute('datetime'),
				registrations[0].start);
			await t.screenshot('registrations', { theme: 'light' });
			await t.page.getByRole('combobox', { name: 'state' }).selectOption('failed');
			await t.page.waitForURL('**/registrations?state=failed');
			const failed = registrations.filter((r) => r.state === 'failed');

			await t.page.waitForFunction(([sel, n]) =>
				document.querySelectorAll(sel).length === n, [rows, failed.length]);
			t.ok(failed.length > 0);
		},
	},
	{
		name: 'the history of one address-of-record',
		async run(t) {
			await opened(t, '/registrations');
			const { registrations: [first] } = await t.api('/registrations');

			await t.page.locator(rows).first().click();
			await t.page.waitForURL((u) => u.searchParams.get('aor') === first.aor);
			await t.page.waitForSelector(`h1:has-text("History of ${first.aor}")`);
			const { registrations } = await t.api(`/registrations?aor=${encodeURIComponent(first.aor)}`);

			await t.page.waitForFunction(([sel, n]) =>
				document.querySelectorAll(sel).length === n, [rows, registrations.length]);
			t.ok(registrations.every((r) => r.aor === first.aor));
			await t.page.goBack();
			await t.page.waitForSelector('h1:has-text("Registrations")');
		},
	},
	{
		name: 'a box that finds nothing says what to do',
		async run(t) {
			await opened(t, '/registrations');
			await t.page.fill('[data-search]', 'sip:nobody-of-that-name*');
			await t.page.keyboard.press('Enter');
			await t.page.waitForSelector('.note:has-text("No registration matches")');
		},
	},
	{
		name: 'transactions, and those of a method',
		async run(t) {
			await opened(t, '/transactions');
			const { transactions } = await t.api('/transactions');
			const options = transactions.filter((x) => x.method === 'OPTIONS');

			t.ok(options.length > 0);
			t.equal(await shown(t), transactions.length);
			await t.screenshot('transactions', { theme: 'dark' });
			await t.page.getByRole('combobox', { name: 'method' }).selectOption('OPTIONS');
			await t.page.waitForURL('**/transactions?method=OPTIONS');
			await t.page.waitForFunction(([sel, n]) =>
				document.querySelectorAll(sel).length === n, [rows, options.length]);
		},
	},
];
