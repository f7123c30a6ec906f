// Each page: no serious finding of axe, in both themes and on a phone, and
// nothing that makes a phone scroll sideways.
async function pathsOf(t) {
	const { calls } = await t.api('/calls?limit=1');

	return ['/search', '/search?filters=1&q=status:486', '/registrations',
		'/transactions', '/live', '/dashboard', '/audit', '/help',
		`/call/${calls[0].uid}`];
}

async function visit(t, each) {
	await t.login('admin');
	for (const path of await pathsOf(t)) {
		await t.goto(path);
		await t.page.waitForLoadState('load');
		await t.page.waitForSelector('#main :is(h1, h2, [role=grid], .note)');
		await each(path.split('/')[1].split('?')[0] + (path.includes('filters') ? '-filters' : ''), path);
	}
}

/* Of the dark theme only the colours are others. */
async function clean(t, theme, size, rules) {
	await t.theme(theme);
	await t.size(size);
	await visit(t, async (name, path) => {
		await t.axeClean(`${path}, ${theme}, ${size}`, rules);
		await t.screenshot(`page-${name}-${theme}-${size}`);
		if (size === 'phone')
			t.equal(await t.page.evaluate(() => document.documentElement.scrollWidth), 390,
				`${path} is as wide as the phone`);
	});
}

export default [
	{ name: 'light', run: (t) => clean(t, 'light', 'wide') },
	{ name: 'dark', run: (t) => clean(t, 'dark', 'wide', ['color-contrast']) },
	{ name: 'light, on a phone', run: (t) => clean(t, 'light', 'phone') },
];
