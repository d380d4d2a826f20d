# newsdedup as a container: built from this folder, run by a user without rights.
FROM python:3.11.14-slim-bookworm AS build
WORKDIR /build
COPY pyproject.toml requirements.lock README.md LICENSE CHANGELOG.md ./
COPY crawler crawler
COPY dedup dedup
COPY migrations migrations
COPY newsdedup newsdedup
COPY seeds seeds
COPY storage storage
RUN python -m venv /opt/newsdedup \
 && /opt/newsdedup/bin/python -m pip install --no-cache-dir --constraint requirements.lock ".[postgres]"

FROM python:3.11.14-slim-bookworm
RUN groupadd --gid 10001 newsdedup \
 && useradd --uid 10001 --gid newsdedup --home-dir /data --create-home --shell /usr/sbin/nologin newsdedup
COPY --from=build /opt/newsdedup /opt/newsdedup
ENV PATH=/opt/newsdedup/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    NEWSDEDUP_DATABASE_URL=sqlite:////data/news.db
USER 10001:10001
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5m --timeout=30s CMD ["newsdedup", "schedule", "list", "--format", "json", "--output", "/dev/null"]
ENTRYPOINT ["newsdedup"]
CMD ["schedule", "run"]
