"""What MLflow's stores have and ours have not, each with its reason.

Most of it is about generative models, which this library leaves alone. What MLflow's web pages ask on the
way is answered with an empty page, since they show an error otherwise; the rest says that it is not here.
A test goes through MLflow's own classes and finds whatever is neither here nor in a store of ours.
"""

from __future__ import annotations

from typing import Any, Final

from mlflow.store.entities.paged_list import PagedList

from mlflowflow.mlflow_plugin.trouble import refusal

_GENERATIVE: Final = "it is about generative models, which are kept elsewhere"
_GATEWAY: Final = "it is about a gateway to language models, which is another service"
_TOOLS: Final = "it is about servers of tools for language models"
_PEOPLE: Final = "it is about people who review the answers of language models"

#: Methods of the tracking store that are refused, by the reason.
REFUSED_TRACKING: Final[dict[str, str]] = {
    _GENERATIVE: """
        start_trace delete_traces _delete_traces get_trace_info get_trace batch_get_traces archive_traces
        get_online_trace_details query_trace_metrics set_trace_tag delete_trace_tag get_assessment
        create_assessment update_assessment delete_assessment create_issue get_issue update_issue log_spans
        log_spans_async calculate_trace_filter_correlation link_traces_to_run unlink_traces_from_run
        link_prompts_to_trace create_dataset get_dataset delete_dataset upsert_dataset_records
        delete_dataset_records set_dataset_tags delete_dataset_tag get_dataset_experiment_ids
        _load_dataset_records add_dataset_to_experiments remove_dataset_from_experiments register_scorer
        get_scorer list_scorer_versions delete_scorer upsert_online_scoring_config
    """,
    _GATEWAY: """
        create_gateway_secret get_secret_info update_gateway_secret delete_gateway_secret
        create_gateway_model_definition get_gateway_model_definition update_gateway_model_definition
        delete_gateway_model_definition create_gateway_endpoint get_gateway_endpoint update_gateway_endpoint
        delete_gateway_endpoint attach_model_to_endpoint detach_model_from_endpoint create_endpoint_binding
        delete_endpoint_binding set_gateway_endpoint_tag delete_gateway_endpoint_tag create_budget_policy
        get_budget_policy update_budget_policy delete_budget_policy sum_gateway_trace_cost
        create_gateway_guardrail get_gateway_guardrail delete_gateway_guardrail add_guardrail_to_endpoint
        update_endpoint_guardrail_config remove_guardrail_from_endpoint
    """,
    _TOOLS: """
        create_mcp_server get_mcp_server update_mcp_server delete_mcp_server create_mcp_server_version
        get_mcp_server_version get_mcp_server_version_by_alias get_latest_mcp_server_version
        update_mcp_server_version delete_mcp_server_version create_mcp_access_endpoint get_mcp_access_endpoint
        update_mcp_access_endpoint delete_mcp_access_endpoint set_mcp_server_tag delete_mcp_server_tag
        set_mcp_server_version_tag delete_mcp_server_version_tag set_mcp_server_alias delete_mcp_server_alias
        link_mcp_server_versions_to_trace get_mcp_server_versions_for_trace
    """,
    _PEOPLE: """
        create_label_schema get_label_schema get_label_schema_by_name update_label_schema delete_label_schema
        create_review_queue get_or_create_user_queue get_review_queue get_review_queue_by_name
        update_review_queue delete_review_queue add_items_to_review_queue remove_items_from_review_queue
        set_review_queue_item_status
    """,
    "the files of deleted models stay, and 'mlflow gc' passes them by": "_hard_delete_logged_model",
}
#: Methods of the tracking store that find nothing, because there is nothing: pages with a token.
EMPTY_PAGES: Final = """
    search_datasets search_issues list_label_schemas list_review_queues list_review_queue_items
    search_mcp_servers search_mcp_server_versions search_mcp_access_endpoints
"""
#: The same, as lists.
EMPTY_LISTS: Final = """
    batch_get_trace_infos find_completed_sessions list_scorers list_scorers_across_experiments
    get_online_scoring_configs get_active_online_scorers list_secret_infos list_gateway_model_definitions
    list_gateway_endpoints list_endpoint_bindings list_budget_policies list_gateway_guardrails
    list_endpoint_guardrail_configs
"""
#: The same, as pairs of a list and a token.
EMPTY_PAIRS: Final = "search_traces"
#: Methods of MLflow's own tracking class that do the right thing over ours, and by what.
INHERITED_TRACKING: Final[dict[str, str]] = {
    "by our methods that they call": """
        search_runs get_metric_history_bulk_interval get_metric_history_bulk_interval_from_steps
        set_model_versions_tags
    """,
    "by MLflow's queue, which calls log_batch": """
        log_batch_async log_metric_async log_param_async set_tag_async end_async_logging flush_async_logging
        shut_down_async_logging
    """,
    "they say that a store is one workspace and keeps no traces": """
        supports_workspaces supports_trace_archival resolve_trace_archival_config
    """,
    "it is arithmetic": "_evenly_spaced_indices",
}
#: Methods of the registry store that are refused, by the reason.
REFUSED_REGISTRY: Final[dict[str, str]] = {
    "'mlff models watch' and 'mlff events' tell what happened": """
        create_webhook get_webhook update_webhook delete_webhook test_webhook
    """,
    _GENERATIVE: "link_prompts_to_trace",
}
EMPTY_REGISTRY_PAGES: Final = "list_webhooks list_webhooks_by_event"
#: Methods of MLflow's own registry class that do the right thing over ours, and by what.
INHERITED_REGISTRY: Final[dict[str, str]] = {
    "prompts are registered models with tags of their own, by our methods that they call": """
        create_prompt search_prompts delete_prompt set_prompt_tag delete_prompt_tag get_prompt
        create_prompt_version get_prompt_version delete_prompt_version get_prompt_version_by_alias
        set_prompt_alias delete_prompt_alias search_prompt_versions set_prompt_version_tag
        delete_prompt_version_tag link_prompt_version_to_model link_prompt_version_to_run
        _parse_experiment_id_filter
    """,
    "by our methods that they call": """
        copy_model_version _await_model_version_creation _await_model_version_creation_impl
    """,
    "it says that a registry is one workspace": "supports_workspaces",
}


def names_in(*lists: str) -> frozenset[str]:
    """Return the names in some lists of names.

    >>> sorted(names_in("a b", "c"))
    ['a', 'b', 'c']
    """
    return frozenset(name for each in lists for name in each.split())


def _refusing(name: str, reason: str) -> Any:
    def refuse(self: object, *args: Any, **kwargs: Any) -> Any:
        del self, args, kwargs
        raise refusal(name, reason)

    refuse.__name__ = name
    refuse.__doc__ = f"Refuse: {reason}."
    return refuse


def _answering(name: str, nothing: Any) -> Any:
    def answer(self: object, *args: Any, **kwargs: Any) -> Any:
        del self, args, kwargs
        return nothing()

    answer.__name__ = name
    answer.__doc__ = "Answer that there are none."
    return answer


def _members(refused: dict[str, str], empty: dict[str, Any]) -> dict[str, Any]:
    refusing = {name: _refusing(name, reason) for reason, each in refused.items() for name in names_in(each)}
    answering = {
        name: _answering(name, nothing) for each, nothing in empty.items() for name in names_in(each)
    }
    return {**refusing, **answering}


def _page() -> Any:
    return PagedList([], None)


def _pair() -> tuple[list[Any], None]:
    return [], None


#: What a tracking store of ours answers for what it does not have.
AbsentTracking: Final[Any] = type(
    "AbsentTracking",
    (),
    _members(REFUSED_TRACKING, {EMPTY_PAGES: _page, EMPTY_LISTS: list, EMPTY_PAIRS: _pair}),
)
#: What a registry store of ours answers for what it does not have.
AbsentRegistry: Final[Any] = type(
    "AbsentRegistry", (), _members(REFUSED_REGISTRY, {EMPTY_REGISTRY_PAGES: _page})
)
