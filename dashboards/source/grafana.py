"""Grafana's classic dashboard JSON, from a few words.

schemaVersion 41: what Grafana 11 to 13 read from files, and migrate on load.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
COLUMNS = 24
GREEN, ORANGE, RED, GREY, BLUE = (
    "green",
    "orange",
    "red",
    "#8e8e8e",
    "blue",
)


@dataclass(frozen=True, kw_only=True)
class Query:
    """One PromQL query; `at` asks for the newest value only, as a table."""

    expr: str
    legend: str = ""
    at: bool = False


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One panel: `wide` of 24 columns, `high` in rows of 30 pixels."""

    kind: str
    title: str
    description: str
    queries: Sequence[Query]
    unit: str = "short"
    wide: int = 12
    high: int = 8
    defaults: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    overrides: Sequence[Json] = ()
    transformations: Sequence[Json] = ()


@dataclass(frozen=True, kw_only=True)
class Row:
    """A heading, and the panels below it from left to right."""

    title: str
    panels: Sequence[Panel]


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """A whole dashboard; its file is named after `uid`."""

    uid: str
    title: str
    description: str
    variables: Sequence[Json]
    rows: Sequence[Row]
    annotations: Sequence[Json] = ()
    since: str = "now-6h"


def mapped(*values: tuple[float, str, str]) -> list[Json]:
    """Return value mappings of numbers to a word and a colour."""
    return [
        {
            "type": "value",
            "options": {
                f"{value:g}": {"text": text, "color": colour, "index": number}
                for number, (value, text, colour) in enumerate(values)
            },
        }
    ]


def steps(*more: tuple[float | None, str]) -> Json:
    """Return thresholds: from each value on its colour; None is the first."""
    return {
        "mode": "absolute",
        "steps": [{"value": value, "color": colour} for value, colour in more],
    }


HEALTH = mapped(
    (0, "healthy", GREEN),
    (1, "unknown", GREY),
    (2, "degraded", ORANGE),
    (3, "unhealthy", RED),
)
YES_IS_GOOD = mapped((0, "no", RED), (1, "yes", GREEN))
YES_IS_BAD = mapped((0, "no", GREEN), (1, "yes", RED))


def stat(
    title: str,
    description: str,
    query: str,
    **more: Any,  # noqa: ANN401 - fields of Panel
) -> Panel:
    """Return one big number, or one each series."""
    options = {
        "colorMode": "background",
        "graphMode": "none",
        "textMode": "auto",
        "justifyMode": "auto",
        "orientation": "auto",
        "reduceOptions": {
            "calcs": ["lastNotNull"],
            "fields": "",
            "values": False,
        },
    }
    legend = more.pop("legend", "")
    return Panel(
        kind="stat",
        title=title,
        description=description,
        queries=[Query(expr=query, legend=legend)],
        options=options | more.pop("options", {}),
        **({"wide": 4, "high": 4} | more),
    )


def lines(
    title: str,
    description: str,
    *queries: Query,
    **more: Any,  # noqa: ANN401 - fields of Panel
) -> Panel:
    """Return lines over time."""
    options = {
        "legend": {
            "showLegend": True,
            "displayMode": "list",
            "placement": "bottom",
            "calcs": [],
        },
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    custom = {
        "lineWidth": 1,
        "fillOpacity": 8,
        "showPoints": "never",
        "spanNulls": False,
    }
    defaults = {"custom": custom | more.pop("custom", {})}
    return Panel(
        kind="timeseries",
        title=title,
        description=description,
        queries=queries,
        options=options,
        defaults=defaults | more.pop("defaults", {}),
        **more,
    )


def bands(
    title: str,
    description: str,
    query: Query,
    **more: Any,  # noqa: ANN401 - fields of Panel
) -> Panel:
    """Return a coloured band a series, over time."""
    return Panel(
        kind="state-timeline",
        title=title,
        description=description,
        queries=[query],
        options={
            "showValue": "never",
            "mergeValues": True,
            "rowHeight": 0.85,
            "alignValue": "left",
            "legend": {"showLegend": False},
            "tooltip": {"mode": "single"},
        },
        defaults={
            "custom": {"fillOpacity": 80, "lineWidth": 0},
            "mappings": more.pop("mappings", HEALTH),
        },
        **more,
    )


def table(
    title: str,
    description: str,
    *queries: Query,
    columns: Sequence[str],
    **more: Any,  # noqa: ANN401 - fields of Panel
) -> Panel:
    """Return a row a series, with these labels and values in their order.

    `Value` is the only query's, `Value #A` the first of several.
    """
    order = {name: number for number, name in enumerate(columns)}
    return Panel(
        kind="table",
        title=title,
        description=description,
        queries=queries,
        options={"showHeader": True, "cellHeight": "sm"},
        transformations=[
            {"id": "merge", "options": {}},
            {
                "id": "organize",
                "options": {
                    "excludeByName": {"Time": True, "__name__": True},
                    "indexByName": order,
                    "renameByName": more.pop("renamed", {}),
                },
            },
        ],
        **more,
    )


def by_name(name: str, properties: Mapping[str, object]) -> Json:
    """Return what is different about one field."""
    return {
        "matcher": {"id": "byName", "options": name},
        "properties": [
            {"id": key, "value": value} for key, value in properties.items()
        ],
    }


HIDDEN = by_name("Value", {"custom.hidden": True})
"""For tables of labels: the value is always 1."""


def datasource() -> Json:
    """Return the variable that names the Prometheus to ask."""
    return {
        "type": "datasource",
        "name": "datasource",
        "label": "Data source",
        "query": "prometheus",
        "current": {},
        "hide": 0,
        "includeAll": False,
        "multi": False,
        "refresh": 1,
        "regex": "",
    }


def variable(
    name: str,
    label: str,
    query: str,
    *,
    several: bool = True,
    everything: str = ".+",
) -> Json:
    """Return a variable that is chosen from what Prometheus knows."""
    return {
        "type": "query",
        "name": name,
        "label": label,
        "datasource": DATASOURCE,
        "definition": query,
        "query": {"query": query, "refId": f"variable-{name}"},
        "refresh": 2,
        "sort": 1,
        "hide": 0,
        "multi": several,
        "includeAll": several,
        "allValue": everything if several else None,
        "current": {"text": "All", "value": "$__all"} if several else {},
        "regex": "",
    }


def annotation(name: str, expr: str, title: str, colour: str) -> Json:
    """Return marks on every graph while a query has a result."""
    return {
        "name": name,
        "datasource": DATASOURCE,
        "enable": True,
        "hide": False,
        "iconColor": colour,
        "expr": expr,
        "step": "30s",
        "titleFormat": title,
        "textFormat": "",
        "useValueForTime": "",
    }


def document(board: Dashboard, others: Sequence[Dashboard]) -> Json:
    """Return a dashboard's JSON, with links to the others."""
    return {
        "id": None,
        "uid": board.uid,
        "title": board.title,
        "description": board.description,
        "tags": ["facefusion"],
        "schemaVersion": 41,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "timezone": "",
        "refresh": "30s",
        "time": {"from": board.since, "to": "now"},
        "templating": {"list": [datasource(), *board.variables]},
        "annotations": {"list": list(board.annotations)},
        "links": [_link(one) for one in others if one.uid != board.uid],
        "panels": _laid_out(board.rows),
    }


def _link(other: Dashboard) -> Json:
    return {
        "type": "link",
        "title": other.title.removeprefix("FaceFusion "),
        "url": f"/d/{other.uid}",
        "tooltip": other.description,
        "icon": "dashboard",
        "includeVars": True,
        "keepTime": True,
        "targetBlank": False,
        "asDropdown": False,
        "tags": [],
    }


def _laid_out(rows: Sequence[Row]) -> list[Json]:
    """Place panels from left to right, and below where a row is full."""
    found: list[Json] = []
    top = 0
    for row in rows:
        found.append(_heading(row, len(found) + 1, top))
        left, top, tallest = 0, top + 1, 0
        for panel in row.panels:
            if left + panel.wide > COLUMNS:
                left, top, tallest = 0, top + tallest, 0
            found.append(_panel(panel, len(found) + 1, left, top))
            left += panel.wide
            tallest = max(tallest, panel.high)
        top += tallest
    return found


def _heading(row: Row, number: int, top: int) -> Json:
    return {
        "id": number,
        "type": "row",
        "title": row.title,
        "collapsed": False,
        "gridPos": {"x": 0, "y": top, "w": COLUMNS, "h": 1},
        "panels": [],
    }


def _panel(panel: Panel, number: int, left: int, top: int) -> Json:
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": DATASOURCE,
        "gridPos": {"x": left, "y": top, "w": panel.wide, "h": panel.high},
        "targets": [
            _target(one, chr(ord("A") + index))
            for index, one in enumerate(panel.queries)
        ],
        "fieldConfig": {
            "defaults": {"unit": panel.unit, **panel.defaults},
            "overrides": list(panel.overrides),
        },
        "options": dict(panel.options),
        "transformations": list(panel.transformations),
    }


def _target(query: Query, letter: str) -> Json:
    return {
        "refId": letter,
        "datasource": DATASOURCE,
        "expr": query.expr,
        "legendFormat": query.legend or "__auto",
        "instant": query.at,
        "range": not query.at,
        "format": "table" if query.at else "time_series",
    }
