"""Kinds of requests: the words of the log, of the counters, of faults and of hooks."""

from enum import StrEnum, unique


@unique
class Kind(StrEnum):
    """What a request asks for. `CHALLENGE` is any request that was answered 401."""

    CHALLENGE = "challenge"
    OAUTH = "oauth"
    PING = "ping"
    CATALOG = "catalog"
    REPOSITORY_GET = "repository_get"
    REPOSITORY_PATCH = "repository_patch"
    REPOSITORY_DELETE = "repository_delete"
    TAGS_LIST = "tags_list"
    TAG_GET = "tag_get"
    TAG_PATCH = "tag_patch"
    TAG_DELETE = "tag_delete"
    MANIFESTS_LIST = "manifests_list"
    MANIFEST_PROPERTIES_GET = "manifest_properties_get"
    MANIFEST_PATCH = "manifest_patch"
    MANIFEST_GET = "manifest_get"
    MANIFEST_PUT = "manifest_put"
    MANIFEST_DELETE = "manifest_delete"
    REFERRERS_LIST = "referrers_list"
    BLOB_GET = "blob_get"
    BLOB_PUSH = "blob_push"
    ADMIN = "admin"
    UNKNOWN = "unknown"


@unique
class Traffic(StrEnum):
    """What a request counts as against the quota."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    REFERRERS = "referrers"
    OAUTH = "oauth"
    FREE = "free"
