import { render } from 'preact';
import { Keys } from './shell/Keys.jsx';
import { Layout } from './shell/Layout.jsx';
import { Page } from './shell/Page.jsx';
import { Router } from './shell/Router.jsx';
import { Session } from './shell/Session.jsx';
import { Shortcuts } from './shell/Shortcuts.jsx';

render(
	<Router>
		<Keys>
			<Session>
				<Layout><Page /></Layout>
				<Shortcuts />
			</Session>
		</Keys>
	</Router>,
	document.getElementById('app'),
);
