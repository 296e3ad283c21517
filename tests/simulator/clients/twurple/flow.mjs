// twurple at a simulated Twitch that TWURPLE_MOCK_API_PORT names. Argument: a free port for where users are sent back to.
import {createServer} from 'node:http';
import {createInterface} from 'node:readline';

import {ApiClient} from '@twurple/api';
import {getTokenInfo, RefreshingAuthProvider, revokeToken} from '@twurple/auth';
import {EventSubWsListener} from '@twurple/eventsub-ws';

const CLIENT_ID = 'sandbox-client-id';
const CLIENT_SECRET = 'sandbox-client-secret';
const QUIET = {minLevel: 'critical'};

const port = process.argv[2];
const redirectUri = `http://localhost:${port}/back`;
const provider = new RefreshingAuthProvider({clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, redirectUri});
const api = new ApiClient({authProvider: provider, logger: QUIET});
let me = '';
let listener;

const tell = what => process.stdout.write(`${JSON.stringify(what)}\n`);
const token = async () => (await provider.getAccessTokenForUser(me)).accessToken;

// twurple leaves it to its user to receive the code; this is all that takes. Listens by when it has returned.
const codeFromBrowser = () => new Promise(listening => {
    const code = new Promise(resolve => {
        const server = createServer((request, response) => {
            response.end('Signed in.', () => server.close());
            resolve(new URL(request.url, redirectUri).searchParams.get('code'));
        });
        server.listen(port, '127.0.0.1', () => listening(() => code));
    });
});

const everyPage = async (fetchPage, limit) => {
    const all = [];
    let after;
    do {
        const page = await fetchPage({after, limit});
        all.push(...page.data);
        after = page.cursor;
    } while (after);
    return all;
};

const wishes = {
    async sign_in({scopes}) {
        const code = await codeFromBrowser();
        const query = new URLSearchParams({
            client_id: CLIENT_ID,
            redirect_uri: redirectUri,
            response_type: 'code',
            scope: scopes.join(' '),
            state: 'any',
        });
        tell({event: 'open', url: `http://localhost:${process.env.TWURPLE_MOCK_API_PORT}/auth/authorize?${query}`});
        me = await provider.addUserForCode(await code());
        return (await api.users.getAuthenticatedUser(me)).name;
    },
    async validate() {
        try {
            const found = await getTokenInfo(await token());
            const {userName, userId, clientId, scopes} = found;
            return {valid: true, login: userName, user_id: userId, client_id: clientId, scopes: [...scopes].sort()};
        } catch (error) {
            if (['InvalidTokenError', 'CachedRefreshFailureError'].includes(error.constructor.name)) {
                return {valid: false};
            }
            throw error;
        }
    },
    async refresh() {
        const before = await token();
        await provider.refreshAccessTokenForUser(me);
        return before !== await token();
    },
    async revoke() {
        await revokeToken(CLIENT_ID, await token());
        return true;
    },
    async users_as_app({logins}) {
        const found = await api.withoutUser(async app => await app.users.getUsersByNames(logins));
        return Object.fromEntries(found.map(one => [one.id, one.displayName]));
    },
    users: async ({ids}) => (await api.asUser(me, async as => await as.users.getUsersByIds(ids))).map(one => one.name),
    moderators: async ({page}) =>
        (await everyPage(part => api.moderation.getModerators(me, part), page)).map(one => one.userName),
    moderated_channels: async () =>
        (await everyPage(part => api.moderation.getModeratedChannels(me, part), 100)).map(one => one.name),
    streams: async ({logins}) => (await api.streams.getStreamsByUserNames(logins))
        .map(one => ({login: one.userName, type: one.type, id: one.id})),
    vips: async ({page}) => (await everyPage(part => api.channels.getVips(me, part), page)).map(one => one.name),
    vips_among: async ({ids}) => (await api.channels.checkVipForUsers(me, ids)).map(one => one.name),
    async add_vip({user}) {
        await api.channels.addVip(me, user);
        return true;
    },
    async remove_vip({user}) {
        await api.channels.removeVip(me, user);
        return true;
    },
    make_reward: async ({title, cost}) => (await api.channelPoints.createCustomReward(me, {title, cost})).id,
    async change_reward({reward, title, cost, paused}) {
        const changed = await api.channelPoints.updateCustomReward(me, reward, {title, cost, isPaused: paused});
        return {title: changed.title, cost: changed.cost, paused: changed.isPaused};
    },
    rewards: async ({ours}) => (await api.channelPoints.getCustomRewards(me, ours)).map(one => one.title).sort(),
    async delete_reward({reward}) {
        await api.channelPoints.deleteCustomReward(me, reward);
    },
    async redemptions({reward, status, page}) {
        const fetchPage = part => api.channelPoints.getRedemptionsForBroadcaster(me, reward, status, part);
        return (await everyPage(fetchPage, page)).map(one => ({
            id: one.id,
            user: one.userId,
            status: one.isCanceled ? 'CANCELED' : one.isFulfilled ? 'FULFILLED' : 'UNFULFILLED',
        }));
    },
    async settle({reward, redemption, status}) {
        const [settled] = await api.channelPoints.updateRedemptionStatusByIds(me, reward, [redemption], status);
        return settled.isCanceled ? 'CANCELED' : settled.isFulfilled ? 'FULFILLED' : 'UNFULFILLED';
    },
    say: async ({text}) => (await api.asUser(me, async as => await as.chat.sendChatMessage(me, text))).isSent,
    async announce({text}) {
        await api.asUser(me, async as => await as.chat.sendAnnouncement(me, {message: text, color: 'purple'}));
    },
    async subscriptions({by_app}) {
        const list = async as => await as.eventSub.getSubscriptionsPaginated().getAll();
        const found = by_app ? await api.withoutUser(list) : await api.asUser(me, list);
        return found.map(one => ({id: one.id, type: one.type, status: one.status}));
    },
    async listen() {
        listener = new EventSubWsListener({apiClient: api, logger: QUIET});
        const kinds = new Map();
        listener.onRevoke((subscription, status) => tell({event: 'revoked', type: kinds.get(subscription), status}));
        let missing = 3;
        const subscribed = new Promise((resolve, reject) => {
            listener.onSubscriptionCreateSuccess(() => --missing || resolve());
            listener.onSubscriptionCreateFailure((_, error) => reject(error));
        });
        listener.start();
        kinds.set(listener.onChannelRedemptionAdd(me, came => tell({
            event: 'redeemed',
            id: came.id,
            user: came.userName,
            broadcaster: came.broadcasterName,
            reward: came.rewardTitle,
            cost: came.rewardCost,
            input: came.input,
            status: came.status,
            year: came.redemptionDate.getUTCFullYear(),
        })), 'channel.channel_points_custom_reward_redemption.add');
        kinds.set(listener.onChannelVipAdd(me, came =>
            tell({event: 'vip added', user: came.userName, broadcaster: came.broadcasterName})), 'channel.vip.add');
        kinds.set(listener.onChannelVipRemove(me, came =>
            tell({event: 'vip removed', user: came.userName, broadcaster: came.broadcasterName})), 'channel.vip.remove');
        await subscribed;
    },
};

for await (const line of createInterface({input: process.stdin})) {
    const {do: name, ...what} = JSON.parse(line);
    try {
        tell({answer: await wishes[name](what) ?? null});
    } catch (error) {
        tell({refused: error.constructor.name, status: error.statusCode ?? null, says: error.message});
    }
}
listener?.stop();
process.exit(0);
