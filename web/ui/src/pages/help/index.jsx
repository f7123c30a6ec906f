import { KeyTable } from '../../shell/Shortcuts.jsx';

export default function Help() {
	return (
		<div class="page">
			<h1>Help</h1>
			<h2>Keys</h2>
			<KeyTable />
		</div>
	);
}
