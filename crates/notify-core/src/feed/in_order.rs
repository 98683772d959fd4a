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
