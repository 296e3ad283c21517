"""API tokens and calls <-> their documents."""

from vip_manager.domain.api_token import ApiCall, ApiToken, TokenScope
from vip_manager.store.fields import Document, Fields


def write_api_token(token: ApiToken) -> Document:
    return {
        "channelId": token.channel_id,
        "userId": token.user_id,
        "name": token.name,
        "scope": token.scope.value,
        "madeAt": token.made_at,
        "usedAt": token.used_at,
        "revokedAt": token.revoked_at,
    }


def read_api_token(fields: Fields, version: str) -> ApiToken:
    return ApiToken(
        id=fields.id,
        channel_id=fields.text("channelId"),
        user_id=fields.text("userId"),
        name=fields.text("name", ""),
        scope=fields.choice("scope", TokenScope),
        made_at=fields.moment("madeAt"),
        used_at=fields.maybe_moment("usedAt"),
        revoked_at=fields.maybe_moment("revokedAt"),
        version=version,
    )


def write_api_call(call: ApiCall) -> Document:
    return {
        "channelId": call.channel_id,
        "request": call.request,
        "madeAt": call.made_at,
        "expiresAt": call.expires_at,
        "status": call.status,
        "body": call.body,
    }


def read_api_call(fields: Fields, version: str) -> ApiCall:
    return ApiCall(
        id=fields.id,
        channel_id=fields.text("channelId"),
        request=fields.text("request"),
        made_at=fields.moment("madeAt"),
        expires_at=fields.moment("expiresAt"),
        status=fields.integer("status", 0),
        body=fields.text("body", ""),
        version=version,
    )
