# The service in a container: `docker compose up -d`. Everything below /app is code, /config holds feeds.toml, /store the data.

FROM python:3.13-slim AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/app/.venv
RUN pip install --no-cache-dir uv
WORKDIR /src
# The dependencies first: they change less often than the code, and their layer is kept.
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-default-groups --extra postgres --no-install-project
COPY README.md LICENSE ./
COPY aggregator aggregator
RUN uv sync --frozen --no-default-groups --extra postgres --no-editable

FROM python:3.13-slim
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin aggregator \
    && mkdir /config /store \
    && chown aggregator:aggregator /store
COPY --from=build /app/.venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    AGGREGATOR_CONFIG=/config/feeds.toml \
    AGGREGATOR_LISTEN=0.0.0.0:8080 \
    AGGREGATOR_STORE=sqlite:////store/aggregator.db
USER 10001:10001
WORKDIR /store
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["aggregator"]
CMD ["run"]
