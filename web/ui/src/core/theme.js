// Light, dark, or as the system is. shell/boot.js applies it before drawing.

const KEY = 'callscope.theme';
export const themes = ['system', 'light', 'dark'];

export function chosenTheme() {
	return document.documentElement.dataset.theme ?? 'system';
}

export function chooseTheme(theme) {
	const root = document.documentElement;

	if (theme === 'system')
		delete root.dataset.theme;
	else
		root.dataset.theme = theme;
	remember(KEY, theme === 'system' ? null : theme);
	dispatchEvent(new Event('callscope:theme'));
}

export function nextTheme(theme) {
	return themes[(themes.indexOf(theme) + 1) % themes.length];
}

/* What the browser keeps; storage may be forbidden, then nothing is kept. */
export function remember(key, value) {
	try {
		if (value === null)
			localStorage.removeItem(key);
		else
			localStorage.setItem(key, value);
	} catch {
		/* forbidden or full */
	}
}

export function remembered(key) {
	try {
		return localStorage.getItem(key);
	} catch {
		return null;
	}
}

/* Calls when colours change: the switch, or the system. */
export function onTheme(changed) {
	const system = matchMedia('(prefers-color-scheme: dark)');

	addEventListener('callscope:theme', changed);
	system.addEventListener('change', changed);
	return () => {
		removeEventListener('callscope:theme', changed);
		system.removeEventListener('change', changed);
	};
}

/* The value of a CSS custom property, "--a". */
export function colour(name) {
	return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
