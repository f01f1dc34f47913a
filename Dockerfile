# One image for every process of the platform; compose and the chart choose the command.

FROM node:22-slim AS frontend
WORKDIR /build/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund --loglevel=error
COPY frontend/ ./
RUN node build.mjs

FROM python:3.13-slim AS builder
WORKDIR /app
RUN python -m venv --without-pip /opt/venv
COPY requirements.txt ./
RUN pip --python /opt/venv install --no-cache-dir --disable-pip-version-check \
    --require-hashes --only-binary :all: -r requirements.txt
COPY pyproject.toml requirements.in README.md ./
COPY app/ app/
COPY bridge/ bridge/
COPY chaos/ chaos/
COPY demo/ demo/
COPY local/ local/
COPY migrations/ migrations/
COPY tasks/ tasks/
COPY templates/ templates/
COPY testops/ testops/
COPY worker/ worker/
# Editable: templates, migrations and static files lie beside the packages, where they are read.
RUN pip --python /opt/venv install --no-cache-dir --disable-pip-version-check \
    --no-deps --no-build-isolation --editable . \
    && /opt/venv/bin/python -m compileall -q /app /opt/venv/lib

FROM python:3.13-slim AS final
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
RUN groupadd --gid 10001 testops \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp \
        --shell /usr/sbin/nologin testops
WORKDIR /app
COPY --from=builder /opt/venv /opt/venv
COPY --from=builder /app /app
COPY --from=frontend /build/app/static/dist app/static/dist
USER 10001:10001
EXPOSE 8000
CMD ["gunicorn", "app.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "1", "--threads", "32", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
