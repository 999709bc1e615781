"""Who else is in: shares, links, remarks, teams."""

from __future__ import annotations

from django.db import transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from panelmerge.lib.api import Pages
from panels.access import note_access
from panels.actions.discussion import add_comment, comments_of
from panels.actions.lists import current_records
from panels.actions.sharing import change_share, may_share, panel_of_link, revoke_share, share_panel, shares_of
from panels.actions.teams import (
    add_member,
    change_member,
    change_team,
    check_may_found,
    dissolve_team,
    found_team,
    managed_among,
    manages,
    remove_member,
    team_for,
    teams_of,
)
from panels.api.library.base import LibraryView, allowed, check_query, described, signed_in
from panels.api.library.bodies import (
    CommentBody,
    MemberBody,
    MemberChangeBody,
    ShareBody,
    ShareChangeBody,
    TeamBody,
    TeamChangeBody,
    checked,
)
from panels.api.library.idempotency import idempotent
from panels.api.library.panels import KEY, with_etag
from panels.api.library.values import (
    CommentValue,
    NewShareValue,
    PanelDetailValue,
    PersonValue,
    ShareValue,
    comment_value,
    panel_value,
    person_value,
    share_value,
)
from panels.engine.levels import Level, Standing
from panels.models import Team, TeamMember


class TeamValue(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    you_manage = serializers.BooleanField()


class MemberValue(serializers.Serializer):
    user = PersonValue()
    is_manager = serializers.BooleanField()
    added_at = serializers.DateTimeField()


class SharesView(LibraryView):
    pagination_class = Pages

    @described(responses=ShareValue(many=True))
    def get(self, request: Request, panel_id: int) -> Response:
        """With whom, how far, until when, and last used when. Who passes a share on sees what they passed on."""
        rows = shares_of(panel=panel_id, by=signed_in(request)).order_by("-id")
        check_query(request)
        pages = Pages()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response([share_value(one) for one in page])

    @described(request=ShareBody, responses={201: NewShareValue}, parameters=[KEY])
    @idempotent
    def post(self, request: Request, panel_id: int) -> Response:
        """Share with a person, a team or by link. A link's token is in this answer and nowhere else."""
        by = signed_in(request)
        may_share(panel_id, by)
        check_query(request)
        given = checked(ShareBody, request.data)
        share, token = share_panel(
            panel=panel_id,
            by=by,
            user=given.get("user"),
            team=given.get("team"),
            link=given.get("link", False),
            level=given.get("permission_level", "VIEW"),
            can_reshare=given.get("can_reshare", False),
            expires_at=given.get("expires_at"),
        )
        value = share_value(share)
        if token:
            value |= {"token": token, "url": f"/api/v1/shared/{token}/"}
        return Response(value, status=status.HTTP_201_CREATED)


class ShareView(LibraryView):
    @described(request=ShareChangeBody, responses=ShareValue)
    def patch(self, request: Request, panel_id: int, share_id: int) -> Response:
        by = signed_in(request)
        may_share(panel_id, by)
        check_query(request)
        given = checked(ShareChangeBody, request.data)
        share = change_share(
            panel=panel_id,
            share=share_id,
            by=by,
            level=given.get("permission_level"),
            can_reshare=given.get("can_reshare"),
            expires_at=given.get("expires_at"),
            never_expires="expires_at" in given and given["expires_at"] is None,
        )
        return Response(share_value(share))

    @described(responses={204: None})
    def delete(self, request: Request, panel_id: int, share_id: int) -> Response:
        """Revoke it: it lets nobody in from the next request on. Anybody may give up their own."""
        with transaction.atomic():
            # Only the act knows whose share it is; a refusal takes it back.
            revoke_share(panel=panel_id, share=share_id, by=signed_in(request))
            check_query(request)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SharedView(LibraryView):
    is_for_everybody = True

    @described(responses=PanelDetailValue)
    def get(self, request: Request, share_token: str) -> Response:
        """What a link opens: the panel with its genes, to read. No account needed, and nobody is named."""
        panel, share = panel_of_link(token=share_token)
        check_query(request)
        note_access(panel, request.user, share)
        value = panel_value(panel, Standing(Level.VIEW), names_people=False) | {"genes": current_records(panel)}
        response = with_etag(Response(value), panel)
        response["Referrer-Policy"] = "no-referrer"
        response["Cache-Control"] = "no-store"
        return response


class CommentsView(LibraryView):
    pagination_class = Pages

    @described(
        parameters=[OpenApiParameter("gene", OpenApiTypes.STR, description="Only on this gene, by any name it has.")],
        responses=CommentValue(many=True),
    )
    def get(self, request: Request, panel_id: int) -> Response:
        """Newest first."""
        rows = comments_of(panel=panel_id, by=signed_in(request), gene=request.query_params.get("gene", ""))
        check_query(request)
        pages = Pages()
        page = pages.paginate_queryset(rows.order_by("-id"), request, view=self)
        return pages.get_paginated_response([comment_value(one) for one in page])

    @described(request=CommentBody, responses={201: CommentValue}, parameters=[KEY])
    @idempotent
    def post(self, request: Request, panel_id: int) -> Response:
        """Say something about the panel, or with ``gene`` about one of its genes."""
        by, _ = allowed(request, panel_id, Level.COMMENT)
        given = checked(CommentBody, request.data)
        comment = add_comment(panel=panel_id, by=by, **{"text": "", **given})
        return Response(comment_value(comment), status=status.HTTP_201_CREATED)


class TeamsView(LibraryView):
    pagination_class = Pages

    @described(responses=TeamValue(many=True))
    def get(self, request: Request) -> Response:
        """Teams that you are in."""
        by = signed_in(request)
        check_query(request)
        pages = Pages()
        page = pages.paginate_queryset(teams_of(by).order_by("name", "id"), request, view=self)
        managed = managed_among(page, by)
        return pages.get_paginated_response([team_value(one, one.pk in managed) for one in page])

    @described(request=TeamBody, responses={201: TeamValue}, parameters=[KEY])
    @idempotent
    def post(self, request: Request) -> Response:
        """Found a team, with yourself as its manager. Editors do."""
        by = signed_in(request)
        check_may_found(by)
        check_query(request)
        team = found_team(by=by, **checked(TeamBody, request.data))
        team.refresh_from_db(fields=["created_at"])
        return Response(team_value(team, True), status=status.HTTP_201_CREATED)


class TeamView(LibraryView):
    @described(responses=TeamValue)
    def get(self, request: Request, team_id: int) -> Response:
        by = signed_in(request)
        team = team_for(team=team_id, by=by)
        check_query(request)
        return Response(team_value(team, manages(team, by)))

    @described(request=TeamChangeBody, responses=TeamValue)
    def patch(self, request: Request, team_id: int) -> Response:
        by = signed_in(request)
        team_for(team=team_id, by=by, to_manage=True)
        check_query(request)
        team = change_team(team=team_id, by=by, **checked(TeamChangeBody, request.data))
        return Response(team_value(team, True))

    @described(responses={204: None})
    def delete(self, request: Request, team_id: int) -> Response:
        """Dissolve it; what was shared with it is shared with it no more."""
        by = signed_in(request)
        team_for(team=team_id, by=by, to_manage=True)
        check_query(request)
        dissolve_team(team=team_id, by=by)
        return Response(status=status.HTTP_204_NO_CONTENT)


class MembersView(LibraryView):
    pagination_class = Pages

    @described(responses=MemberValue(many=True))
    def get(self, request: Request, team_id: int) -> Response:
        team = team_for(team=team_id, by=signed_in(request))
        check_query(request)
        pages = Pages()
        rows = team.memberships.select_related("user").order_by("user__username", "id")
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response([member_value(one) for one in page])

    @described(request=MemberBody, responses={201: MemberValue}, parameters=[KEY])
    @idempotent
    def post(self, request: Request, team_id: int) -> Response:
        by = signed_in(request)
        team_for(team=team_id, by=by, to_manage=True)
        check_query(request)
        member = add_member(team=team_id, by=by, **checked(MemberBody, request.data))
        return Response(member_value(member), status=status.HTTP_201_CREATED)


class MemberView(LibraryView):
    @described(request=MemberChangeBody, responses=MemberValue)
    def patch(self, request: Request, team_id: int, user_id: int) -> Response:
        by = signed_in(request)
        team_for(team=team_id, by=by, to_manage=True)
        check_query(request)
        member = change_member(team=team_id, user=user_id, by=by, **checked(MemberChangeBody, request.data))
        return Response(member_value(member))

    @described(responses={204: None})
    def delete(self, request: Request, team_id: int, user_id: int) -> Response:
        """Take somebody out, or leave oneself."""
        by = signed_in(request)
        team_for(team=team_id, by=by, to_manage=user_id != by.pk)
        check_query(request)
        remove_member(team=team_id, user=user_id, by=by)
        return Response(status=status.HTTP_204_NO_CONTENT)


def team_value(team: Team, you_manage: bool) -> dict:
    return {
        "id": team.pk,
        "name": team.name,
        "description": team.description,
        "created_at": team.created_at,
        "you_manage": you_manage,
    }


def member_value(member: TeamMember) -> dict:
    return {"user": person_value(member.user), "is_manager": member.is_manager, "added_at": member.added_at}
