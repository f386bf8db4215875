# One image for all: the command names the service (see compose.yaml).
ARG PYTHON_IMAGE=python:3.12-slim
FROM ${PYTHON_IMAGE}

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PYTHONPATH=/app PATH=/opt/twin/bin:$PATH

# The dependencies first: they change less often than the code. Each is checked against its hash.
COPY requirements/runtime.lock /tmp/runtime.lock
RUN python3 -m venv /opt/twin \
 && /opt/twin/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/runtime.lock \
 && /opt/twin/bin/python -m compileall -q /opt/twin/lib >/dev/null || exit 1; \
    printf '#!/opt/twin/bin/python\nfrom services.operator.cli import main\n\nmain()\n' >/opt/twin/bin/twin \
 && chmod 0755 /opt/twin/bin/twin \
 && rm /tmp/runtime.lock \
 && useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin twin

WORKDIR /app
COPY shared ./shared
COPY services ./services
RUN /opt/twin/bin/python -m compileall -q /app

USER 10001:10001
# Longer than the longest handler (25 s), so that a stop finishes what runs; compose.yaml gives 40 s.
STOPSIGNAL SIGTERM
CMD ["twin", "--help"]
