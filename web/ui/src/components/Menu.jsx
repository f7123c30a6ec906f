import { useEffect, useId, useRef, useState } from 'preact/hooks';

/* A button that opens a small panel below it; Escape or a click elsewhere
 * closes it. The children may be a function of close(). */
export function Menu({ label, title, class: name = '', children }) {
	const [open, setOpen] = useState(false);
	const id = useId();
	const box = useRef(null);
	const close = () => setOpen(false);

	useEffect(() => {
		if (!open)
			return undefined;
		const outside = (event) => box.current?.contains(event.target) || close();

		document.addEventListener('pointerdown', outside);
		return () => document.removeEventListener('pointerdown', outside);
	}, [open]);

	function key(event) {
		if (event.key !== 'Escape' || !open)
			return;
		event.stopPropagation();
		event.preventDefault();
		close();
		box.current.querySelector('button').focus();
	}

	return (
		<div class={`menu ${name}`} ref={box} onKeyDown={key}>
			<button type="button" aria-expanded={open} aria-controls={id}
				title={title} onClick={() => setOpen(!open)}>
				{label}<span class="caret" aria-hidden="true">▾</span>
			</button>
			{open && (
				<div class="panel" id={id}>
					{typeof children === 'function' ? children(close) : children}
				</div>
			)}
		</div>
	);
}
