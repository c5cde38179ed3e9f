"""`/sd`: targets in the form of Prometheus' HTTP service discovery."""

from pydantic import Field

from monitor.schemas.wire import Wire


class TargetGroup(Wire):
    """One entry of an http_sd list: one FaceFusion server."""

    targets: tuple[str, ...] = Field(
        description="The monitor's own address: it probes for Prometheus.",
        examples=[["monitor.example:10777"]],
    )
    labels: dict[str, str] = Field(
        description=(
            "What makes a scrape of it a probe of the target, without "
            "relabelling: `__metrics_path__`, `__param_target`, "
            "`__param_module`, `__scheme__` and `instance`, which is the "
            "target's name. `__meta_facefusion_*` are for rules of your own: "
            "target, host, url, dialect, modules and `label_*`."
        ),
        examples=[{"__param_target": "studio", "instance": "studio"}],
    )
