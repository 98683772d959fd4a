//! Work in parallel, results in order.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How many results may wait for an earlier one, for each thread. Without some slack a thread would
/// sleep whenever the one before it is slower.
const AHEAD: u64 = 2;

/// Takes batches one after the other, works on them in `threads` threads, and folds the results in
/// the order of the batches.
///
/// `work` is called once in each thread and gives what works on a batch there, so a thread can keep
/// what it uses again. At most one batch and a few results are held for each thread. `fold` runs
/// in one thread at a time and may stop everything with [`ControlFlow::Break`]; what it broke with
/// is returned. With one thread none is started.
///
/// A panic in `batches`, `work` or `fold` stops the others and goes on in the caller.
///
/// ```
/// use notify_core::feed::in_order;
/// use std::{num::NonZeroUsize, ops::ControlFlow};
///
/// let two = NonZeroUsize::MIN.saturating_add(1);
/// let mut squares = Vec::new();
/// let stopped = in_order(1..=1000, two, || |n| n * n, |square| {
///     if square > 20 {
///         return ControlFlow::Break(square);
///     }
///     squares.push(square);
///     ControlFlow::Continue(())
/// });
/// assert_eq!(squares, [1, 4, 9, 16]);
/// assert_eq!(stopped, ControlFlow::Break(25));
/// ```
pub fn in_order<B, T, K, W>(
    batches: impl Iterator<Item = B> + Send,
    threads: NonZeroUsize,
    work: impl Fn() -> W + Sync,
    mut fold: impl FnMut(T) -> ControlFlow<K> + Send,
) -> ControlFlow<K>
where
    W: FnMut(B) -> T,
    T: Send,
    K: Send,
{
    if threads == NonZeroUsize::MIN {
        return batches.map(work()).try_for_each(fold);
    }
    let line = Line {
        input: Mutex::new((batches.fuse(), 0)),
        output: Mutex::new(Output {
            next: 0,
            waiting: BTreeMap::new(),
            fold: &mut fold,
            end: ControlFlow::Continue(()),
            over: false,
        }),
        moved: Condvar::new(),
        ahead: AHEAD.saturating_mul(u64::try_from(threads.get()).unwrap_or(u64::MAX)),
    };
    std::thread::scope(|scope| {
        let others = (1..threads.get())
            // Where the system gives no more threads, those that there are do the work.
            .map_while(|_| std::thread::Builder::new().spawn_scoped(scope, || line.run(&work)).ok())
            .collect::<Vec<_>>();
        line.run(&work);
        for other in others {
            if let Err(panic) = other.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
    line.output.into_inner().unwrap_or_else(PoisonError::into_inner).end
}

/// What the threads share.
struct Line<'a, I, T, F, K> {
    /// What is left to do, and how much was taken.
    input: Mutex<(I, u64)>,
    output: Mutex<Output<'a, T, F, K>>,
    /// Told when the output went on.
    moved: Condvar,
    ahead: u64,
}

struct Output<'a, T, F, K> {
    /// Which result is folded next.
    next: u64,
    waiting: BTreeMap<u64, T>,
    fold: &'a mut F,
    end: ControlFlow<K>,
    over: bool,
}

impl<'a, B, I, T, F, K> Line<'a, I, T, F, K>
where
    I: Iterator<Item = B>,
    F: FnMut(T) -> ControlFlow<K>,
{
    fn run<W: FnMut(B) -> T>(&self, work: &impl Fn() -> W) {
        let stop = StopOnPanic(|| {
            self.output().over = true;
            self.moved.notify_all();
        });
        let mut work = work();
        while let Some((batch, turn)) = self.take() {
            let result = work(batch);
            if self.hand_over(turn, result).is_break() {
                break;
            }
        }
        std::mem::forget(stop);
    }

    fn take(&self) -> Option<(B, u64)> {
        let mut input = self.input.lock().ok()?; // Poisoned: reading panicked, and is over.
        if self.output().over {
            return None;
        }
        let batch = input.0.next()?;
        let turn = input.1;
        input.1 += 1;
        Some((batch, turn))
    }

    /// Folds what has its turn, this or more; waits only where it is far ahead of the slowest.
    fn hand_over(&self, turn: u64, result: T) -> ControlFlow<()> {
        let mut output = self.output();
        output.waiting.insert(turn, result);
        loop {
            if output.over {
                return ControlFlow::Break(());
            }
            let next = output.next;
            if let Some(result) = output.waiting.remove(&next) {
                output.next += 1;
                if let ControlFlow::Break(end) = (output.fold)(result) {
                    output.end = ControlFlow::Break(end);
                    output.over = true;
                }
                self.moved.notify_all();
            } else if turn >= next.saturating_add(self.ahead) {
                output = self.moved.wait(output).unwrap_or_else(PoisonError::into_inner);
            } else {
                return ControlFlow::Continue(());
            }
        }
    }

    fn output(&self) -> MutexGuard<'_, Output<'a, T, F, K>> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Without it the others would wait for ever for the result of a thread that panicked.
struct StopOnPanic<F: Fn()>(F);

impl<F: Fn()> Drop for StopOnPanic<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn threads(count: usize) -> NonZeroUsize {
        NonZeroUsize::new(count).unwrap()
    }

    /// Takes longer for some, so that later ones are ready before them.
    fn busy(n: u64) -> u64 {
        let rounds = if n.is_multiple_of(7) { 20_000 } else { 10 };
        std::hint::black_box((0..rounds).fold(n, |sum, _| sum.wrapping_mul(31) + 1));
        n
    }

    #[test]
    fn results_come_in_the_order_of_the_batches() {
        for count in [1, 2, 4] {
            let mut seen = Vec::new();
            let end = in_order(
                0..2000,
                threads(count),
                || busy,
                |n| {
                    seen.push(n);
                    ControlFlow::<()>::Continue(())
                },
            );
            assert!(end.is_continue());
            assert_eq!(seen, (0..2000).collect::<Vec<_>>());
        }
    }

    #[test]
    fn each_thread_has_its_own_work() {
        for (count, most) in [(1, 1), (3, 3)] {
            let made = AtomicUsize::new(0);
            let work = || {
                made.fetch_add(1, Ordering::Relaxed);
                |n: u64| n
            };
            let _ = in_order(0..100, threads(count), work, |_| ControlFlow::<()>::Continue(()));
            assert_eq!(made.load(Ordering::Relaxed), most);
        }
    }

    #[test]
    fn nothing_is_folded_after_the_end() {
        for count in [1, 2, 4] {
            let (mut folded, taken) = (0, AtomicUsize::new(0));
            let batches = (0..).inspect(|_| {
                taken.fetch_add(1, Ordering::Relaxed);
            });
            let end = in_order(
                batches,
                threads(count),
                || busy,
                |n| {
                    folded += 1;
                    if n == 50 { ControlFlow::Break(n) } else { ControlFlow::Continue(()) }
                },
            );
            assert_eq!((end, folded), (ControlFlow::Break(50), 51));
            let taken = taken.load(Ordering::Relaxed);
            assert!(taken <= 51 + 3 * count, "{taken}");
        }
    }

    /// What is held at one time.
    struct Held<'a>(&'a AtomicUsize);

    impl Drop for Held<'_> {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn a_thread_holds_one_batch_and_a_few_results() {
        for count in [1, 2, 4] {
            let (held, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let (results, most_results) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let batches = (0..3000).map(|n| {
                most.fetch_max(held.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                (n, Held(&held))
            });
            let work = || {
                |(n, batch): (u64, Held<'_>)| {
                    busy(if n.is_multiple_of(100) { 7 } else { n });
                    drop(batch);
                    let now = results.fetch_add(1, Ordering::SeqCst) + 1;
                    most_results.fetch_max(now, Ordering::SeqCst);
                    Held(&results)
                }
            };
            let _ = in_order(batches, threads(count), work, |result| {
                drop(result);
                ControlFlow::<()>::Continue(())
            });
            assert!(most.load(Ordering::SeqCst) <= count, "{count}");
            assert!(most_results.load(Ordering::SeqCst) <= 3 * count, "{count}");
            assert_eq!(held.load(Ordering::SeqCst) + results.load(Ordering::SeqCst), 0);
        }
    }

    #[test]
    fn a_panic_anywhere_reaches_the_caller() {
        fn run(count: usize, of: &str) {
            let batches = (0..1000).inspect(|n| assert!(of != "batches" || *n < 100, "batches"));
            let work = || {
                assert!(of != "make", "make");
                |n: u64| {
                    assert!(of != "work" || n != 100, "work");
                    busy(n)
                }
            };
            let _ = in_order(batches, threads(count), work, |n| {
                assert!(of != "fold" || n != 100, "fold");
                ControlFlow::<()>::Continue(())
            });
        }
        for count in [1, 2, 4] {
            for of in ["batches", "make", "work", "fold"] {
                let caught = catch_unwind(AssertUnwindSafe(|| run(count, of)));
                assert!(caught.is_err(), "{count} {of}");
            }
            run(count, "nothing");
        }
    }
}
