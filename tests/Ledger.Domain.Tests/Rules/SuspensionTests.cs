using Ledger.Domain.Rights;

namespace Ledger.Domain.Tests.Rules;

/// <summary>Each suspension is one of its own, and is ended by those who may lift it: art. 9.1, 9.2.</summary>
public sealed class SuspensionTests
{
    private readonly BaseCase _case = new();

    public SuspensionTests() => _case.Grant();

    [Fact]
    public void A_gestionnaires_lift_never_ends_a_suspension_by_the_Caf_that_is_learnt_late()
    {
        _case.Suspend("2024-04-01", BaseCase.G1);
        _case.Lift("2024-05-01", BaseCase.G1);
        _case.Consult().Authorised.ShouldBeTrue();
        _case.Suspend("2024-03-15", BaseCase.Caf0);
        _case.Consult().Reasons.ShouldBe([Reason.HabilitationSuspended]);
    }

    [Fact]
    public void Nor_one_that_begins_before_it_and_is_known()
    {
        _case.Suspend("2024-03-15", BaseCase.Caf0);
        _case.Suspend("2024-04-01", BaseCase.G1);
        _case.Lift("2024-05-01", BaseCase.G1);
        _case.Consult().Reasons.ShouldBe([Reason.HabilitationSuspended]);
        _case.Lift("2024-05-15", BaseCase.Caf0);
        _case.Consult("2024-05-10").Reasons.ShouldBe([Reason.HabilitationSuspended]);
        _case.Consult().Authorised.ShouldBeTrue();
    }

    [Fact]
    public void The_Caf_lifts_what_a_gestionnaire_suspended_too()
    {
        _case.Suspend("2024-04-01", BaseCase.G1);
        _case.Lift("2024-05-01", BaseCase.Caf0);
        _case.Consult().Authorised.ShouldBeTrue();
    }

    [Fact]
    public void A_suspension_after_a_lift_stands()
    {
        _case.Suspend("2024-04-01", BaseCase.G1);
        _case.Lift("2024-05-01", BaseCase.G1);
        _case.Suspend("2024-05-15", BaseCase.G1);
        _case.Consult("2024-05-10").Authorised.ShouldBeTrue();
        _case.Consult().Reasons.ShouldBe([Reason.HabilitationSuspended]);
    }

    [Fact]
    public void A_rectified_lift_restores_nothing_and_the_suspension_and_its_lift_are_cited()
    {
        _case.Suspend("2024-04-01", BaseCase.G1);
        var suspended = _case.World.Next - 1;
        _case.Lift("2024-05-01", BaseCase.G1);
        var lifted = _case.World.Next - 1;
        _case.Consult().Because.ShouldContain(suspended);
        _case.Consult().Because.ShouldContain(lifted);
        _case.Rectify(lifted);
        _case.Consult().Reasons.ShouldBe([Reason.HabilitationSuspended]);
    }
}
