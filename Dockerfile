# The contact centre as an image; compose.yaml starts two of it with all they need.
FROM python:3.11-slim

WORKDIR /srv/contact-center
COPY requirements/runtime.txt requirements/runtime.txt
RUN pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/runtime.txt

COPY pyproject.toml config.yaml ./
COPY bot bot
COPY contact_center contact_center
COPY crm_store crm_store
COPY ivr_flows ivr_flows
RUN useradd --system contact-center && mkdir var && chown contact-center var
USER contact-center
VOLUME /srv/contact-center/var

ENTRYPOINT ["python", "-m", "contact_center"]
CMD ["serve"]
EXPOSE 8080
STOPSIGNAL SIGTERM
