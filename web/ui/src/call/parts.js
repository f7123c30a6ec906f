// Panels of the call page, null where they are not there. Each has the props
// { call, uid, time, session }.
import Audio from './audio.jsx';
import Downloads from './downloads.jsx';
import Dtls from './dtls.jsx';
import Ice from './ice.jsx';
import Media from './media.jsx';
import Turn from './turn.jsx';

export { Audio, Downloads, Dtls, Ice, Media, Turn };
