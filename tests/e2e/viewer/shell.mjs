// The shell: pages, theme, keys, what is not there.
export default [
	{
		name: 'the header leads to the pages, Back leads back',
		async run(t) {
			await t.login('analyst');
			await t.goto('/help');
			t.equal(await t.page.textContent('h1'), 'Help');
			await t.page.click('header nav a[href="/search"]');
			await t.page.waitForURL('**/search');
			await t.page.goBack();
			await t.page.waitForURL('**/help');
			t.equal(await t.page.textContent('h1'), 'Help');
		},
	},
	{
		name: 'the theme is the system\'s, or the chosen one for good',
		async run(t) {
			const dark = () => t.page.evaluate(() =>
				getComputedStyle(document.body).backgroundColor === 'rgb(20, 23, 27)');

			await t.login('analyst');
			await t.theme('dark');
			await t.goto('/help');
			t.equal(await dark(), true, 'dark as the system');
			await t.page.click('button[aria-label^="Theme: system"]');
			t.equal(await dark(), false, 'light as chosen');
			await t.page.reload();
			await t.page.waitForSelector('h1');
			t.equal(await dark(), false, 'still light');
		},
	},
	{
		name: '? shows the keys, Escape closes them',
		async run(t) {
			await t.login('analyst');
			await t.goto('/help');
			await t.page.keyboard.press('?');
			await t.page.waitForSelector('dialog[open]');
			await t.axeClean();
			await t.page.keyboard.press('Escape');
			await t.page.waitForSelector('dialog', { state: 'detached' });
			t.equal(new URL(t.page.url()).pathname, '/help');
		},
	},
	{
		name: 'an address without a page says where to go',
		async run(t) {
			await t.login('analyst');
			await t.goto('/help');
			await t.page.evaluate(() => {
				history.pushState(null, '', '/nowhere');
				dispatchEvent(new PopStateEvent('popstate'));
			});
			await t.page.waitForSelector('.note');
			t.ok((await t.page.textContent('#main')).includes('There is no page'));
		},
	},
	{
		name: 'a page for admins says so to others',
		async run(t) {
			await t.login('viewer');
			await t.goto('/audit');
			t.ok((await t.page.textContent('#main')).includes('for the role admin'));
		},
	},
];
