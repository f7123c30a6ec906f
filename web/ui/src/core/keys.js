// Which key means what. Whoever asked last is asked first; one that returns
// false lets the key go on to the others.

const editable = new Set(['INPUT', 'TEXTAREA', 'SELECT']);

/* Whether typing belongs to the element that has the focus. */
export function isTyping(target) {
	return Boolean(target) &&
		(editable.has(target.tagName) || target.isContentEditable === true);
}

/* Whether the element does something of its own with Enter. */
function takesEnter(target) {
	return Boolean(target) && (['A', 'BUTTON', 'SUMMARY'].includes(target.tagName) ||
		target.getAttribute?.('role') === 'tab');
}

/* Whether a key pressed there is the page's at all. */
export function isForPage(event) {
	if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey)
		return false;
	if (event.key === 'Escape')
		return true;
	if (isTyping(event.target))
		return false;
	return event.key !== 'Enter' || !takesEnter(event.target);
}

export function createKeys() {
	const layers = [];

	return {
		/* Adds { key: function }; returns what takes it away again. */
		add(handlers) {
			layers.push(handlers);
			return () => {
				layers.splice(layers.indexOf(handlers), 1);
			};
		},
		/* Returns whether somebody took the key. */
		press(event) {
			if (!isForPage(event))
				return false;
			for (let i = layers.length - 1; i >= 0; i--) {
				const handler = layers[i][event.key];

				if (handler && handler(event) !== false) {
					event.preventDefault();
					return true;
				}
			}
			return false;
		},
	};
}
