// Runs before anything is drawn: the theme that was chosen, if one was.
(() => {
	let chosen = null;

	try {
		chosen = localStorage.getItem('callscope.theme');
	} catch {
		/* storage is forbidden: the system's theme */
	}
	if (chosen === 'light' || chosen === 'dark')
		document.documentElement.dataset.theme = chosen;
})();
