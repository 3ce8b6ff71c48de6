# The lab in a container:
#   docker build -t glassnet .
#   docker run --rm -p 127.0.0.1:8123:8123 glassnet
# and open the address that it prints. The port outside must be the port inside: the lab answers to
# its own name only. A token of your own makes an address that stays:
#   docker run --rm -p 127.0.0.1:8123:8123 -e GLASSNET_LAB_TOKEN=... glassnet
FROM python:3.13-slim

COPY . /source
RUN pip install --no-cache-dir /source && rm -rf /source \
    && useradd --create-home learner
USER learner
WORKDIR /home/learner

# What Numba compiles is kept in the image: the first picture needs no compiler.
ENV NUMBA_CACHE_DIR=/home/learner/.cache/numba PYTHONUNBUFFERED=1
RUN python -c "from glassnet.lab.server import warm; warm.first_picture('data=spiral')"

EXPOSE 8123
# 0.0.0.0 is all of the container, which nobody reaches but by the port that was published.
ENTRYPOINT ["glassnet", "lab", "--no-browser", "--host", "0.0.0.0", "--port", "8123"]
