"""The connection to Cloud Firestore, or to an emulator where FIRESTORE_EMULATOR_HOST names one."""

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import grpc
from google.auth.exceptions import GoogleAuthError
from google.cloud.firestore_v1.async_batch import AsyncWriteBatch
from google.cloud.firestore_v1.async_client import AsyncClient
from google.cloud.firestore_v1.base_document import BaseDocumentReference
from google.cloud.firestore_v1.field_path import FieldPath
from google.cloud.firestore_v1.types.common import DocumentMask, Precondition
from google.protobuf.timestamp_pb2 import Timestamp

from vip_manager.ports import StoreError
from vip_manager.store.fields import Document

CHANNEL_OPTIONS = (
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    # A connection that died without a word is found out.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # gRPC's own choice is up to two minutes between two tries: far too long once the server is back.
    ("grpc.initial_reconnect_backoff_ms", 250),
    ("grpc.min_reconnect_backoff_ms", 5_000),
    ("grpc.max_reconnect_backoff_ms", 5_000),
)


class Client(AsyncClient):
    """Google's client, with our options for the channel, and a way to close it. The channel belongs to the event loop
    of the first call."""

    @property
    def host(self) -> str:
        return str(self._target)

    async def close(self) -> None:
        if self._firestore_api_internal is not None:
            await self._transport.close()

    def _firestore_api_helper(self, transport: Any, client_class: Any, client_module: Any) -> Any:
        if self._firestore_api_internal is None:
            if self._emulator_host is None:
                channel = transport.create_channel(
                    self._target, credentials=self._credentials, options=list(CHANNEL_OPTIONS)
                )
            else:
                channel = grpc.aio.insecure_channel(self._emulator_host, options=list(CHANNEL_OPTIONS))
            self._transport = transport(host=self._target, channel=channel)
            self._firestore_api_internal = client_class(transport=self._transport, client_options=self._client_options)
        return self._firestore_api_internal


def connect(project: str, database: str) -> Client:
    """Looks for Google's credentials, which may ask the machine's metadata server: blocks for some seconds at worst.
    Talks to Firestore itself only with the first call.

    `database` "" is the default one. Raises StoreError.
    """
    try:
        return Client(project, database=database or None)
    except (GoogleAuthError, OSError, ValueError) as error:
        if os.environ.get("GOOGLE_APPLICATION_CREDENTIALS"):
            raise StoreError(
                f"The key file that GOOGLE_APPLICATION_CREDENTIALS names can't be used: {_cause(error)}. Name the "
                "key file of a service account, one that can be read; on Google Cloud, unset it."
            ) from error
        raise StoreError(
            f"There are no Google credentials to open the Firestore database of project {project!r} with. Run on "
            "Google Cloud under a service account, or name its key file in GOOGLE_APPLICATION_CREDENTIALS."
        ) from error


def _cause(error: Exception) -> str:
    """In words that hold nothing of the key: Google's own say which file, and what is wrong with its form."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    if isinstance(error, GoogleAuthError):
        return str(error.args[0] if error.args else type(error).__name__).rstrip(".")
    return "it holds no key"


class Batch(AsyncWriteBatch):
    """Writes that are done all together or not at all, each under its own condition. At most 500."""

    def replace(self, reference: BaseDocumentReference, document: Document, read_at: Timestamp | None = None) -> None:
        """The whole document, also fields that are not in `document`; where `read_at` is given only if it is as it was
        when it was last written then."""
        self.set(reference, document)
        if read_at is not None:
            self._write_pbs[-1].current_document = Precondition(update_time=read_at)

    def revise(
        self, reference: BaseDocumentReference, document: Document, beside: Iterable[str], read_at: Timestamp
    ) -> None:
        """These fields of the document, as far as its maps have names each in them alone, and without those of `beside`
        that are not in `document`. Whatever else stands in it stays: a newer version of this program may have put it
        there. Only if it is as it was when it was last written then."""
        self.replace(reference, document, read_at)
        paths = {*_paths(document), *(FieldPath(name).to_api_repr() for name in beside if name not in document)}
        self._write_pbs[-1].update_mask = DocumentMask(field_paths=sorted(paths))

    def merge_where(self, reference: BaseDocumentReference, document: Document, read_at: Timestamp | None) -> None:
        """These fields of it, each whole, and only if it is as it was when it was last written then; None: if it is not
        there."""
        self.set(reference, document, merge=list(document))
        condition = Precondition(exists=False) if read_at is None else Precondition(update_time=read_at)
        self._write_pbs[-1].current_document = condition

    @property
    def deletes(self) -> int:
        return sum(bool(write.delete) for write in self._write_pbs)


def _paths(document: Mapping[str, Any], *within: str) -> Iterator[str]:
    for name, value in document.items():
        if isinstance(value, Mapping) and value:
            yield from _paths(value, *within, name)
        else:
            yield FieldPath(*within, name).to_api_repr()
